package org.spigrp.command;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Said;

/**
 * Something that happened in the live stack, as {@code ipsec watch} tells it. Names of kinds and details are part of the
 * interface: they stay as they are. No event holds a key.
 *
 * @param said whom it is about, null where it is about no SA
 * @param say one line for people
 * @param details the same for programs, in order; values are text
 */
public record Event(Instant time, Kind kind, @Nullable Said said, String say, List<Detail> details) {
    /** What happened. */
    public enum Kind {
        /** A command changed something. */
        CHANGE("change"),
        /** A %trap eroute wants an SA. */
        ACQUIRE("acquire"),
        /** A soft limit was passed: prepare a successor. */
        SOFT_EXPIRY("soft-expiry"),
        /** A hard limit was passed: the SA went, and its group with it. */
        HARD_EXPIRY("hard-expiry"),
        /** Nine tenths of the sequence numbers are used. */
        SEQUENCE_NEAR_END("sequence-near-end"),
        /** Packets ended badly; counted, and told at most once a second. */
        DROPS("drops"),
        /** An interface came, went, or changed. */
        INTERFACE("interface"),
        /** The peer of a NAT-T SA was seen at a new address or port. */
        PEER_MOVED("peer-moved"),
        /** The path to a peer takes smaller packets than before. */
        PATH_MTU("path-mtu"),
        /** Clear packets came that a policy wants protected. */
        CLEAR("clear-but-protected"),
        /** The stack itself: started, stopping, trouble. */
        STACK("stack"),
        /** A decision, told because klipsdebug asked for it. */
        DEBUG("debug"),
        /** Events that a slow watcher missed. */
        LOST("lost");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /** One word for programs. */
    public record Detail(String name, String value) {}

    public Event {
        details = List.copyOf(details);
    }

    /** The JSON form: one object, on one line. */
    public String json() {
        var json = new Json().object();
        json.member("event", kind.text());
        json.member("time", time.toString());
        if (said != null) {
            json.member("said", said.toString());
        }
        json.member("say", say);
        for (Detail detail : details) {
            json.member(detail.name(), detail.value());
        }
        return json.end().toString();
    }

    @Override
    public String toString() {
        return time + " " + kind.text() + (said == null ? "" : " " + said) + ": " + say;
    }
}
