package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.sa.Said;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Verdict;

/** What was protected and peeled is what it was. */
class RoundTripTest {
    private static final String[] ESP = {
        "aes128gcm16",
        "aes128-sha256",
        "null-sha1",
        "3des-md5",
        "aes256ctr-sha512",
        "chacha20poly1305",
        "aes192ccm12",
        "aes128gmac",
        "camellia128-aesxcbc"
    };
    private static final String[] AH = {"hmac-sha2-256-128", "hmac-sha1-96", "hmac-sha2-512-256", "aes128gmac"};

    @Test
    void a_packet_through_three_members_comes_back() {
        StackBed bed = StackBed.threeMembers();
        byte[] clear = Clear.udp(100);
        byte[] sealed = bed.protect(clear);
        assertThat(sealed).hasSizeGreaterThan(clear.length + 20 + 24);
        StackBed.Event event = bed.with(EngineOptions.DEFAULT).one(sealed);
        assertThat(event.verdict()).isEqualTo(Verdict.PEELED);
        assertThat(event.octets()).isEqualTo(clear);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void random_groups_of_up_to_sixteen_members_give_back_what_they_got(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            int members = 1 + random.nextInt(16);
            String told = "seed " + seed + " round " + round;
            var bed = new StackBed();
            bed.batchSize = 1 + random.nextInt(64);
            if (random.nextInt(3) == 0) {
                bed.crypto = CryptoEngines.best();
            }
            Family family = random.nextBoolean() ? Family.INET : Family.INET6;
            IpAddress from = family == Family.INET ? StackBed.WEST_HOST : StackBed.WEST_HOST6;
            IpAddress to = family == Family.INET ? StackBed.EAST_HOST : StackBed.EAST_HOST6;
            List<Said> group = randomGroup(bed, random, members, from, to);
            bed.group(group.toArray(Said[]::new)).erouteAll(group.getFirst());
            group.stream()
                    .filter(said -> bed.tables.sa(said).transform() instanceof Transform.Tunnel)
                    .forEach(bed::policyAll);
            List<byte[]> clear = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clear.add(
                        Clear.udp(from, to, 1 + random.nextInt(65_535), random.nextInt(65_536), random.nextInt(2000)));
            }
            List<byte[]> sealed = bed.protect(clear);
            assertThat(sealed).as(told + " " + group).hasSize(clear.size());
            List<StackBed.Event> peeled = bed.with(EngineOptions.DEFAULT.withOnly(EngineOptions.Only.PEEL))
                    .run(sealed);
            assertThat(peeled).as(told + " " + group).allMatch(event -> event.verdict() == Verdict.PEELED);
            for (int i = 0; i < clear.size(); i++) {
                assertThat(peeled.get(i).octets()).as(told + " packet " + i).isEqualTo(clear.get(i));
            }
        }
    }

    /** Layers that make sense in any order: each fits the header that it edits, and the first is found by it. */
    private static List<Said> randomGroup(StackBed bed, Random random, int members, IpAddress from, IpAddress to) {
        List<Said> group = new ArrayList<>();
        IpAddress source = from;
        IpAddress destination = to;
        for (int i = 0; i < members; i++) {
            bed.esn = random.nextBoolean();
            boolean last = i == members - 1;
            int kind = random.nextInt(8);
            if (kind < 2 && !last) {
                boolean v4 = random.nextBoolean();
                source = v4 ? StackBed.WEST : StackBed.WEST6;
                destination = v4 ? StackBed.EAST : StackBed.EAST6;
                group.add(bed.add(StackBed.tunnel(), source, destination));
            } else if (kind == 2 && !last) {
                group.add(bed.add(StackBed.comp(), source, destination));
            } else if (kind < 5) {
                group.add(bed.add(StackBed.ah(AH[random.nextInt(AH.length)]), source, destination));
            } else {
                group.add(bed.add(StackBed.esp(ESP[random.nextInt(ESP.length)]), source, destination));
            }
        }
        return group;
    }
}
