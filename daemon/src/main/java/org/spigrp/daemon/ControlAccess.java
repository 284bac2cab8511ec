package org.spigrp.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what: root and the owner of the daemon may change, members of one group may read. The kernel tells who is at
 * the other end (SO_PEERCRED); it tells the primary group only, so further ones are looked up in the file of groups.
 *
 * @param group of those who may read, null = nobody else
 * @param groupFile /etc/group
 */
record ControlAccess(
        UserPrincipal root, UserPrincipal owner, @Nullable GroupPrincipal group, Path groupFile) {
    enum Right {
        CHANGE,
        READ,
        NONE
    }

    Right of(UnixDomainPrincipal peer) {
        if (peer.user().equals(root) || peer.user().equals(owner)) {
            return Right.CHANGE;
        }
        return group != null && (peer.group().equals(group) || isMember(peer.user(), group)) ? Right.READ : Right.NONE;
    }

    /** A line is {@code name:password:number:user,user}. */
    private boolean isMember(UserPrincipal user, GroupPrincipal wanted) {
        List<String> lines;
        try {
            lines = Files.readAllLines(groupFile);
        } catch (IOException e) {
            return false; // nobody is known to be a member
        }
        for (String line : lines) {
            String[] fields = line.split(":", -1);
            if (fields.length == 4
                    && fields[0].equals(wanted.getName())
                    && List.of(fields[3].split(",", -1)).contains(user.getName())) {
                return true;
            }
        }
        return false;
    }

    /** Why not, for the client. */
    String denial(UnixDomainPrincipal peer) {
        return "user " + peer.user().getName() + " may not " + (of(peer) == Right.READ ? "change anything" : "ask")
                + ": "
                + (owner.equals(root) ? "root" : "root and " + owner.getName()) + " may change"
                + (group == null
                        ? ", and no group was named that may read (ipsec run --group NAME)"
                        : ", members of group " + group.getName() + " may read");
    }
}
