package org.spigrp.daemon;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The socket's file: in a directory that only we can write, and with a mode that lets in who may ask at all. What a dead
 * daemon left in its place is replaced, a living one is not.
 */
final class ControlSocket {
    static final String NAME = "control";
    /** sockaddr_un has 108 octets, the last of them zero. */
    private static final int LONGEST_PATH = 107;

    private static final int BACKLOG = 64;

    private final Path directory;
    private final Path file;
    private final @Nullable GroupPrincipal group;

    private ControlSocket(Path directory, @Nullable GroupPrincipal group) {
        this.directory = directory;
        this.file = directory.resolve(NAME);
        this.group = group;
    }

    /** A socket that listens. */
    static ServerSocketChannel listen(Path directory, @Nullable GroupPrincipal group) {
        var socket = new ControlSocket(directory.toAbsolutePath(), group);
        try {
            socket.makeDirectory();
            socket.removeStale();
            return socket.bind();
        } catch (IOException e) {
            throw new ControlTrouble("cannot open the control socket " + socket.file + ": " + why(e)
                    + "; IPSEC_RUN names another directory for it");
        }
    }

    static GroupPrincipal group(String name) {
        try {
            return Path.of("/").getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
        } catch (UserPrincipalNotFoundException e) {
            throw new ControlTrouble("--group " + name + ": there is no such group");
        } catch (IOException e) {
            throw new ControlTrouble("--group " + name + " cannot be looked up: " + why(e));
        }
    }

    private static String why(IOException e) {
        String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }

    private void makeDirectory() throws IOException {
        Set<PosixFilePermission> mode = PosixFilePermissions.fromString(group == null ? "rwx------" : "rwxr-x---");
        if (!Files.exists(directory)) {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(mode));
            Files.setPosixFilePermissions(directory, mode);
            giveToGroup(directory);
            return;
        }
        PosixFileAttributes found = Files.readAttributes(directory, PosixFileAttributes.class);
        if (found.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(
                    directory + " can be written by everybody, who could put another socket there: chmod" + " o-w it");
        }
        // One of ours from a time without a group. Any other mode is somebody's wish and stays.
        if (group != null && PosixFilePermissions.toString(found.permissions()).equals("rwx------")) {
            giveToGroup(directory);
            Files.setPosixFilePermissions(directory, mode);
        }
    }

    private void giveToGroup(Path path) throws IOException {
        if (group != null) {
            Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setGroup(group);
        }
    }

    private void removeStale() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException("it is there, and no socket: remove it if nobody needs it");
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(file));
        } catch (ConnectException e) {
            Files.deleteIfExists(file);
            return;
        }
        throw new IOException("a daemon listens there already: stop it first ('ipsec setup stop')");
    }

    private ServerSocketChannel bind() throws IOException {
        int length = file.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_PATH) {
            throw new IOException("the name has " + length + " octets, and a socket's may have " + LONGEST_PATH);
        }
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean good = false;
        try {
            channel.bind(UnixDomainSocketAddress.of(file), BACKLOG);
            giveToGroup(file);
            Files.setPosixFilePermissions(
                    file, PosixFilePermissions.fromString(group == null ? "rw-------" : "rw-rw----"));
            good = true;
            return channel;
        } finally {
            if (!good) {
                channel.close();
            }
        }
    }
}
