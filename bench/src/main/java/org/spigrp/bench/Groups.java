package org.spigrp.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.spigrp.command.Tables;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Direction;
import org.spigrp.sa.Group;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Parsed;

/** Makes groups from words such as {@code tun+esp(aes128gcm16)}: members from inner to outer. */
final class Groups {
    private final Tables tables;
    private final int windowBits;

    /** @param windowBits replay windows of the SAs, 0 = off */
    Groups(Tables tables, int windowBits) {
        this.tables = tables;
        this.windowBits = windowBits;
    }

    /** From {@code source} to {@code destination}; SPIs from {@code firstSpi} on. The innermost member. */
    Said add(String words, int firstSpi, IpAddress source, IpAddress destination) {
        var members = new ArrayList<Said>();
        for (String word : words.split("\\+", -1)) {
            Transform transform = transform(word);
            int spi = firstSpi + members.size();
            var said = new Said(transform.protocol(), spi, destination);
            members.add(said);
            tables.putSa(
                    new SecurityAssociation(
                            said,
                            source,
                            Direction.AUTO,
                            transform,
                            transform instanceof Transform.Tunnel ? 0 : windowBits,
                            false,
                            Lifetimes.NONE,
                            0,
                            false,
                            spi,
                            0,
                            0),
                    List.of());
        }
        tables.putGroup(new Group(members, null));
        return members.getFirst();
    }

    private static Transform transform(String word) {
        int open = word.indexOf('(');
        String protocol = open < 0 ? word : word.substring(0, open);
        String suite = open < 0 ? "" : word.substring(open + 1, word.length() - 1);
        return switch (protocol) {
            case "tun" -> new Transform.Tunnel(Transform.DfPolicy.CLEAR, Transform.EcnPolicy.RFC6040);
            case "comp" -> new Transform.Comp(CompAlgorithm.DEFLATE, Transform.CompThreshold.KLIPS);
            case "esp" -> esp(suite);
            case "ah" -> ah(suite);
            default -> throw new IllegalArgumentException(word);
        };
    }

    private static Transform esp(String name) {
        var suite = known(AlgorithmNames.esp(name));
        return new Transform.Esp(
                suite,
                KeyMaterial.copyOf(key(suite.givenKeyOctets())),
                KeyMaterial.copyOf(key(suite.authKeyOctets())),
                NatTraversal.NONE);
    }

    private static Transform ah(String name) {
        var suite = known(AlgorithmNames.ah(name));
        return new Transform.Ah(suite, KeyMaterial.copyOf(key(suite.givenKeyOctets())), 0);
    }

    /** All keys of one length are the same here, and everybody knows them. */
    static byte[] key(int octets) {
        byte[] key = new byte[octets];
        new Random(octets).nextBytes(key);
        return key;
    }

    private static <T> T known(Parsed<T> parsed) {
        if (parsed instanceof Parsed.Ok<T>(T value)) {
            return value;
        }
        throw new IllegalArgumentException(parsed.toString());
    }
}
