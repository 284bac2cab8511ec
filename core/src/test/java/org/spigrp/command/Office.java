package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.spigrp.sa.Group;
import org.spigrp.sa.NumberLedger;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Transform;

/** A registry over tables in memory with a clock to turn and a ledger to look into. */
final class Office {
    final Tables tables;
    final FakeLedger ledger = new FakeLedger();
    final Registry registry;
    Instant now = Instant.ofEpochSecond(1_000_000);

    Office() {
        this(new MemoryTables());
    }

    Office(Tables tables) {
        this.tables = tables;
        this.registry = new Registry(tables, Office::fingerprints, ledger, () -> now);
    }

    /** Must be done; its notices. */
    List<String> done(Change... changes) {
        Outcome outcome = registry.apply(List.of(changes));
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((Outcome.Done) outcome).notices();
    }

    /** Must be done, without a word. */
    void quietly(Change... changes) {
        assertThat(done(changes)).isEmpty();
    }

    void has(SecurityAssociation... sas) {
        quietly(Arrays.stream(sas).map(Change.AddSa::new).toArray(Change[]::new));
    }

    /** Must be refused with this reason, in one line that contains all of {@code parts}. */
    Outcome.Refused refused(Outcome.Reason reason, Change change, String... parts) {
        return refused(reason, List.of(change), parts);
    }

    Outcome.Refused refused(Outcome.Reason reason, List<Change> changes, String... parts) {
        Outcome outcome = registry.apply(changes);
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        var refused = (Outcome.Refused) outcome;
        assertThat(refused.reason()).as(refused.say()).isEqualTo(reason);
        assertThat(refused.say()).contains(parts).doesNotContain("\n");
        return refused;
    }

    /** Groups as lists, in the order of the listing. */
    List<String> groups() {
        var lines = new ArrayList<String>();
        Listings.spigrp(tables, line -> lines.add(line.strip()));
        return lines;
    }

    static Change add(SecurityAssociation sa) {
        return new Change.AddSa(sa);
    }

    static Change eroute(Selector selector, Said said) {
        return new Change.AddEroute(selector, Target.of(said));
    }

    static Change replace(Selector selector, Said said) {
        return new Change.ReplaceEroute(selector, Target.of(said));
    }

    static Change addin(Selector selector, Said said) {
        return new Change.AddInbound(selector, Target.of(said));
    }

    static Change ungroup(SecurityAssociation member) {
        return new Change.Ungroup(Target.of(member.said()));
    }

    static Change delete(SecurityAssociation member) {
        return new Change.DeleteSa(Target.of(member.said()));
    }

    static SaUse used(long firstSeconds, long packets) {
        return new SaUse(0, 0, new long[0], 0, 0, packets, firstSeconds, firstSeconds, 0, 0, false, Map.of(), Map.of());
    }

    static List<Said> members(Group group) {
        return group.members();
    }

    /** The keys themselves, which will do for a test: equal cipher keys without salt are equal. */
    static List<String> fingerprints(SecurityAssociation sa) {
        var hex = HexFormat.of();
        var prints = new ArrayList<String>();
        switch (sa.transform()) {
            case Transform.Esp esp -> {
                prints.add(
                        hex.formatHex(esp.encryptionKey().octets(0, esp.suite().keyOctets())));
                prints.add(hex.formatHex(esp.authenticationKey().octets()));
            }
            case Transform.Ah ah ->
                prints.add(hex.formatHex(ah.key().octets(0, ah.suite().keyOctets())));
            case Transform.Comp _, Transform.Tunnel _ -> {}
        }
        prints.removeIf(String::isEmpty);
        return prints;
    }

    /** Remembers by SAID and keys, as the real one does. */
    static final class FakeLedger implements NumberLedger {
        private final Map<String, FakeNumbers> all = new HashMap<>();

        @Override
        public FakeNumbers numbersOf(SecurityAssociation sa) {
            return all.computeIfAbsent(sa.said() + " " + fingerprints(sa), _ -> new FakeNumbers());
        }

        @Override
        public boolean commit() {
            return true;
        }
    }

    static final class FakeNumbers implements NumberLedger.Numbers {
        long sent;
        long ceiling;

        @Override
        public long sentUpTo() {
            return sent;
        }

        @Override
        public long stageBlock() {
            throw new AssertionError("a command uses no numbers");
        }

        @Override
        public int stageEpoch() {
            throw new AssertionError("a command uses no epochs");
        }

        @Override
        public long ceiling() {
            return ceiling;
        }

        @Override
        public void stageCeiling(long upTo) {
            throw new AssertionError("a command raises no ceiling");
        }

        @Override
        public void stageExact(long lastSent, long highestReceived) {
            throw new AssertionError("a command uses no numbers");
        }
    }
}
