package org.spigrp.command;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.spigrp.command.Outcome.Reason;

/** Changes of virtual interfaces ({@code tncfg}): what is wanted, not what the host has. */
final class Interfaces {
    private static final Pattern VIRTUAL = Pattern.compile("(ipsec|mast)([0-9]|[1-5][0-9]|6[0-3])");
    /** Linux's IFNAMSIZ without the end mark. */
    private static final int LONGEST_NAME = 15;

    private static final Pattern PHYSICAL = Pattern.compile("[^\\s/:]+");

    private final Tables tables;

    Interfaces(Tables tables) {
        this.tables = tables;
    }

    void create(String name) {
        checkVirtual(name);
        if (tables.attachment(name) != null) {
            throw new Refusal(Reason.INTERFACE_EXISTS, name + " exists already: 'ipsec tncfg' lists what there is");
        }
        tables.putAttachment(Attachment.free(name));
    }

    void delete(String name) {
        Attachment old = existing(name);
        if (old.isAttached()) {
            throw new Refusal(
                    Reason.ALREADY_ATTACHED,
                    name + " is attached to " + old.physical() + ": detach it before deleting it");
        }
        tables.removeAttachment(name);
    }

    void attach(Change.Attach change) {
        String virtual = change.virtual();
        Attachment old = existing(virtual);
        if (virtual.startsWith("mast")) {
            throw new Refusal(
                    Reason.INVALID,
                    virtual + " is never attached: a mast interface takes packets by mark; attach an ipsec interface");
        }
        String physical = withoutAlias(change.physical());
        checkPhysical(physical);
        if (old.isAttached()) {
            throw new Refusal(
                    Reason.ALREADY_ATTACHED,
                    virtual + " is attached to " + old.physical()
                            + " already: detach it first, or attach another one to " + physical);
        }
        tables.putAttachment(new Attachment(virtual, physical, Math.max(0, change.physicalMtu())));
    }

    private static String withoutAlias(String physical) {
        int colon = physical.indexOf(':');
        return colon < 0 ? physical : physical.substring(0, colon);
    }

    void detach(String virtual) {
        Attachment old = existing(virtual);
        if (!old.isAttached()) {
            throw new Refusal(Reason.NOT_ATTACHED, virtual + " is not attached to anything: nothing to detach");
        }
        tables.putAttachment(Attachment.free(virtual));
    }

    void detachAll() {
        List<String> attached = new ArrayList<>();
        for (Attachment attachment : tables.attachments()) {
            if (attachment.isAttached()) {
                attached.add(attachment.virtual());
            }
        }
        for (String virtual : attached) {
            tables.putAttachment(Attachment.free(virtual));
        }
    }

    private Attachment existing(String name) {
        checkVirtual(name);
        Attachment found = tables.attachment(name);
        if (found == null) {
            throw new Refusal(
                    Reason.NO_SUCH_INTERFACE,
                    name + " does not exist: make it with 'ipsec tncfg --create " + name + "'");
        }
        return found;
    }

    private static void checkVirtual(String name) {
        if (!VIRTUAL.matcher(name).matches()) {
            throw new Refusal(
                    Reason.INVALID,
                    "'" + name + "' is no virtual interface: they are called ipsec0 to ipsec63 and mast0 to mast63");
        }
    }

    private static void checkPhysical(String name) {
        if (name.length() > LONGEST_NAME || !PHYSICAL.matcher(name).matches()) {
            throw new Refusal(
                    Reason.INVALID,
                    "'" + name + "' cannot be the name of a physical interface: 1 to " + LONGEST_NAME
                            + " characters without blanks and slashes");
        }
        if (VIRTUAL.matcher(name).matches()) {
            throw new Refusal(
                    Reason.INVALID, name + " is a virtual interface itself: attach to a physical one, such as eth0");
        }
    }
}
