package org.spigrp.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.spigrp.engine.CryptoEngine;
import org.spigrp.engine.CryptoEngines;

/**
 * What a packet of 64 octets costs by the number of its group's members: a tunnel, and ESP with AES-128-GCM for each
 * further one. Our own share is what remains with a crypto engine that does nothing; beside it what C's cipher alone
 * takes for the same layers.
 */
final class Members {
    private static final int[] NUMBERS = {1, 2, 3, 4, 6, 8, 12, 16};
    private static final int OCTETS = 64;
    private static final int ESP_AND_IV = 16;
    private static final int ICV = 16;

    private final Duel duel;
    private final Yardstick c;
    private final Map<Integer, Double> cipher = new HashMap<>();

    Members(Duel duel, Yardstick c) {
        this.duel = duel;
        this.c = c;
    }

    Row row() {
        List<String> lines = new ArrayList<>();
        lines.add(" members   ns/packet   crypto alone in C   our own share   of it per member");
        double first = 0;
        double last = 0;
        for (int n : NUMBERS) {
            double total = cost(n, CryptoEngines.best());
            double own = cost(n, new NoCrypto());
            lines.add(String.format(
                    Locale.ROOT, "%8d %11.1f %19.1f %15.1f %18.1f", n, total, cipherAlone(n), own, own / n));
            first = n == 1 ? own : first;
            last = own;
        }
        int more = NUMBERS[NUMBERS.length - 1] - 1;
        double each = (last - first) / more;
        String note = String.format(
                Locale.ROOT, "each member after the first; a packet with one costs %.1f ns, its copy included", first);
        return Row.value("members", "our own share per member, 64 octets", "ns", each, 25, note, lines);
    }

    private double cost(int members, CryptoEngine crypto) {
        String group = "tun" + "+esp(aes128gcm16)".repeat(members - 1);
        var bed = new Bed(group, OCTETS, Bed.WINDOW, () -> crypto);
        return duel.alone(Duel.here(() -> {
            bed.load(bed.clear);
            bed.protect();
        }));
    }

    private double cipherAlone(int members) {
        double sum = 0;
        int payload = OCTETS;
        for (int i = 1; i < members; i++) {
            int body = payload + 2 + (-(payload + 2) & 3);
            sum += cipher.computeIfAbsent(body, octets -> duel.alone(c.loop("gcm " + octets)));
            payload = ESP_AND_IV + body + ICV;
        }
        return sum;
    }
}
