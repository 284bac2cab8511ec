package org.spigrp.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.spigrp.engine.CryptoEngine;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.JdkCryptoEngine;

/**
 * The rows of {@code bench/compare} that are measured within one JVM. The script starts one for each row, so that what
 * the compiler learns in one does not hold in another; a line of JSON comes out.
 *
 * <pre>
 *   Compare ROW ROUNDS YARDSTICK [quick]         YARDSTICK: the C program, or - where there is none
 *   Compare --agree YARDSTICK                    whether C and we do the same work
 *   Compare --engines                            the crypto engines that ours has, the fastest first
 * </pre>
 */
public final class Compare {
    private static final String GCM = Yardstick.GCM;
    private static final String C = "C over ipsec-mb";

    private final Map<String, Supplier<Row>> rows = new LinkedHashMap<>();
    private final Duel duel;
    private final Supplier<Yardstick> c;
    private final boolean quick;

    private Compare(int rounds, boolean quick, Supplier<Yardstick> c) {
        duel = new Duel(rounds, quick);
        this.c = c;
        this.quick = quick;
        for (int octets : new int[] {1420, 64}) {
            boolean large = octets > 1000;
            rows.put("gcm-" + octets, () -> encapsulation(octets, "gcm", GCM, large ? 0.90 : 0.75));
            rows.put("gcm-both-" + octets, () -> both(octets, large ? 0.85 : 0.70));
            double burst = large ? 0.85 : Row.NO_TARGET;
            rows.put("cbc-" + octets, () -> encapsulation(octets, "cbc", Yardstick.CBC, burst));
            rows.put("ah-" + octets, () -> ah(octets, burst));
            rows.put("nested-" + octets, () -> nested(octets));
            rows.put("many-" + octets, () -> many(octets, 100_000, large ? 2 : 4));
        }
        rows.put("jdk-1420", this::jdk);
        rows.put("alloc", this::allocated);
        rows.put("million", () -> many(64, 1_000_000, 6));
        rows.put("workers-cbc", () -> workers("workers-cbc", Yardstick.CBC));
        rows.put("workers-gcm", () -> workers("workers-gcm", GCM));
        rows.put("members", () -> new Members(duel, c.get()).row());
    }

    public static void main(String[] words) throws IOException {
        if (words.length == 2 && words[0].equals("--agree")) {
            try (var yardstick = new Yardstick(Path.of(words[1]))) {
                yardstick.agree();
                System.out.println(yardstick.ask("version"));
            }
            return;
        }
        if (words.length == 1 && words[0].equals("--engines")) {
            System.out.println(CryptoEngines.best().name());
            return;
        }
        if (words.length < 3 || words.length > 4) {
            System.err.println("usage: Compare ROW ROUNDS YARDSTICK [quick]");
            System.exit(64);
        }
        Path program = Path.of(words[2]);
        Supplier<Yardstick> c = () -> {
            try {
                return new Yardstick(program);
            } catch (IOException e) {
                throw new IllegalStateException("no C yardstick: " + e.getMessage(), e);
            }
        };
        var compare = new Compare(Integer.parseInt(words[1]), words.length == 4, c);
        Supplier<Row> row = compare.rows.get(words[0]);
        if (row == null) {
            System.err.println(
                    "there is no row " + words[0] + "; there are " + String.join(", ", compare.rows.keySet()));
            System.exit(64);
        } else {
            System.out.println(row.get().json());
        }
        System.exit(0); // the yardstick ends with its input
    }

    private static Bed bed(String group, int octets) {
        return new Bed(group, octets, Bed.WINDOW, CryptoEngines::best);
    }

    private static Duel.Side protecting(Bed bed) {
        return Duel.here(() -> {
            bed.load(bed.clear);
            bed.protect();
        });
    }

    private Row encapsulation(int octets, String algorithm, String group, double target) {
        var outcome = duel.run(protecting(bed(group, octets)), c.get().loop("encap " + algorithm + " " + octets));
        return Row.atLeast(algorithm + "-" + octets, group + " encapsulation, " + octets, C, outcome, target, "");
    }

    private Row both(int octets, double target) {
        Bed bed = bed(GCM, octets);
        Duel.Side ours = Duel.here(() -> {
            bed.load(bed.clear);
            bed.protect();
            bed.peel();
        });
        var outcome = duel.run(ours, c.get().loop("both gcm " + octets));
        String what = GCM + " encapsulation and decapsulation, " + octets;
        return Row.atLeast("gcm-both-" + octets, what, C, outcome, target, "");
    }

    private Row ah(int octets, double target) {
        String group = GCM + "+" + Yardstick.AH;
        Yardstick yardstick = c.get();
        int esp = bed(GCM, octets).sealed()[0].length;
        Duel.Side parts = yardstick.loop("encap gcm " + octets, "ah " + esp);
        var outcome = duel.run(protecting(bed(group, octets)), parts);
        return Row.atLeast("ah-" + octets, group + ", " + octets, "sum of C's two parts", outcome, target, "");
    }

    /** The yardstick is ours: a pass by one engine, then a pass of the outcome by another. */
    private Row nested(int octets) {
        Bed inner = bed(GCM, octets);
        Bed outer = bed(GCM, octets);
        Duel.Side twice = Duel.here(() -> {
            inner.load(inner.clear);
            inner.protect();
            outer.protect(inner.batch());
        });
        String group = GCM + "+" + GCM;
        var outcome = duel.run(protecting(bed(group, octets)), twice);
        return Row.atLeast(
                "nested-" + octets, group + ", " + octets, "two passes of one layer, ours", outcome, 0.97, "");
    }

    private Row jdk() {
        Supplier<CryptoEngine> crypto = () -> CryptoEngines.best(List.of(new JdkCryptoEngine()));
        var bed = new Bed(GCM, 1420, Bed.WINDOW, crypto);
        var bare = new BareJce(bed.clear);
        var outcome = duel.run(protecting(bed), Duel.here(bare::batch));
        String note = "the bare loop: copy in, nonce, init, updateAAD, doFinal, copy back; no headers and no SA";
        return Row.atLeast("jdk-1420", GCM + " by the JDK's engine, 1420", "bare JCE loop", outcome, 0.75, note);
    }

    /** By the wall, as two threads work. */
    private Row workers(String name, String group) {
        Bed one = bed(group, 1420);
        var two = new Bed(
                group,
                1420,
                Bed.WINDOW,
                () -> CryptoEngines.best(2, trouble -> {
                    throw new IllegalStateException(trouble);
                }));
        var outcome = duel.run(byTheWall(two), byTheWall(one));
        String note = "times by the wall; two threads and one in turns in one JVM";
        String what = group + " encapsulation by two threads, one SA, 1420";
        return Row.atLeast(name, what, "one thread, ours", outcome, Row.NO_TARGET, note);
    }

    private static Duel.Side byTheWall(Bed bed) {
        return Duel.byTheWall(() -> {
            bed.load(bed.clear);
            bed.protect();
        });
    }

    private Row allocated() {
        Bed bed = bed(GCM, 1420);
        Runnable protect = () -> {
            bed.load(bed.clear);
            bed.protect();
        };
        Runnable both = () -> {
            protect.run();
            bed.peel();
        };
        duel.warmUp(Duel.here(both));
        int batches = quick ? 2_000 : 20_000;
        double all = Duel.octetsPerPacket(both, batches);
        double half = Duel.octetsPerPacket(protect, batches);
        String note = String.format(Locale.ROOT, "protect %.3f, peel %.3f", half, all - half);
        return Row.value("alloc", "octets allocated for a packet, protect and peel", "octets", all, 0, note, List.of());
    }

    private Row many(int octets, int groups, double target) {
        var one = new ManyGroups(1, octets);
        var many = new ManyGroups(groups, octets);
        many.touchAll();
        var outcome = duel.run(Duel.here(many::batch), Duel.here(one::batch));
        String name = groups == 1_000_000 ? "million" : "many-" + octets;
        String what = String.format(Locale.ROOT, "%,d groups with an eroute each, at random, %d", groups, octets);
        return Row.atMost(name, what, "one group, ours", outcome, target, many.memory());
    }
}
