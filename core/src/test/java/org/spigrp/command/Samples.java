package org.spigrp.command;

import java.util.Arrays;
import java.util.List;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Direction;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

/** SAs and selectors for tests: two gateways, 192.0.2.4 (ours) and 192.0.2.9, and their IPv6 cousins. */
public final class Samples {
    public static final IpAddress OURS = v4(192, 0, 2, 4);
    public static final IpAddress PEER = v4(192, 0, 2, 9);
    public static final IpAddress OURS6 = IpAddress.v6(0x20010db8_00000000L, 4);
    public static final IpAddress PEER6 = IpAddress.v6(0x20010db8_00000000L, 9);
    public static final Prefix OUR_NET = new Prefix(v4(198, 51, 100, 0), 25);
    public static final Prefix THEIR_NET = new Prefix(v4(203, 0, 113, 0), 26);
    public static final Selector OUT = Selector.between(OUR_NET, THEIR_NET);
    public static final Selector IN = Selector.between(THEIR_NET, OUR_NET);
    public static final Selector OUT6 = Selector.between(
            new Prefix(IpAddress.v6(0x20010db8_000a0000L, 0), 48),
            new Prefix(IpAddress.v6(0x20010db8_000b0000L, 0), 48));

    public static final EspSuite AES_SHA256 =
            new EspSuite("aes128-sha256", EspCipher.AES_CBC, 16, 0, Integrity.HMAC_SHA2_256_128);
    public static final EspSuite AES_ALONE = new EspSuite("aes128", EspCipher.AES_CBC, 16, 0, null);
    public static final EspSuite DES3_MD5 =
            new EspSuite("3des-md5-96", EspCipher.DES3_CBC, 24, 0, Integrity.HMAC_MD5_96);
    public static final EspSuite DES3_ALONE = new EspSuite("3des", EspCipher.DES3_CBC, 24, 0, null);
    public static final EspSuite GCM = new EspSuite("aes128gcm16", EspCipher.AES_GCM, 16, 16, null);
    public static final EspSuite CTR =
            new EspSuite("aes128ctr-sha256", EspCipher.AES_CTR, 16, 0, Integrity.HMAC_SHA2_256_128);
    public static final EspSuite NULL_SHA256 =
            new EspSuite("null-sha256", EspCipher.NULL, 0, 0, Integrity.HMAC_SHA2_256_128);
    public static final AhSuite SHA1 = new AhSuite("hmac-sha1-96", Integrity.HMAC_SHA1_96, 20);
    public static final AhSuite MD5 = new AhSuite("hmac-md5-96", Integrity.HMAC_MD5_96, 16);
    public static final AhSuite GMAC = new AhSuite("aes128gmac", Integrity.AES_GMAC, 16);

    private Samples() {}

    public static IpAddress v4(int a, int b, int c, int d) {
        return IpAddress.v4(a << 24 | b << 16 | c << 8 | d);
    }

    public static Said said(SaProtocol protocol, int spi) {
        return new Said(protocol, spi, PEER);
    }

    /** Every key differs from every other: made of the SPI and what it is for. */
    public static KeyMaterial key(int octets, int... seed) {
        byte[] key = new byte[octets];
        for (int i = 0; i < octets; i++) {
            key[i] = (byte) (seed[i / 4 % seed.length] >>> (8 * (i % 4)) ^ (37 * i));
        }
        return KeyMaterial.copyOf(key);
    }

    public static SecurityAssociation tun(int spi) {
        return sa(new Said(SaProtocol.TUN, spi, PEER), tunnel());
    }

    public static Transform tunnel() {
        return new Transform.Tunnel(Transform.DfPolicy.CLEAR, Transform.EcnPolicy.RFC6040);
    }

    public static SecurityAssociation comp(int spi) {
        return sa(
                new Said(SaProtocol.COMP, spi, PEER),
                new Transform.Comp(CompAlgorithm.DEFLATE, Transform.CompThreshold.KLIPS));
    }

    public static SecurityAssociation esp(int spi) {
        return esp(spi, AES_SHA256);
    }

    public static SecurityAssociation esp(int spi, EspSuite suite) {
        return sa(new Said(SaProtocol.ESP, spi, PEER), espOf(suite, key(suite.givenKeyOctets(), spi, 'e')));
    }

    public static Transform.Esp espOf(EspSuite suite, KeyMaterial encryptionKey) {
        int seed = Arrays.hashCode(encryptionKey.octets());
        return new Transform.Esp(suite, encryptionKey, key(suite.authKeyOctets(), seed, 'a'), NatTraversal.NONE);
    }

    public static SecurityAssociation espNat(int spi) {
        var plain = (Transform.Esp) esp(spi).transform();
        return sa(
                new Said(SaProtocol.ESP, spi, PEER),
                new Transform.Esp(
                        plain.suite(),
                        plain.encryptionKey(),
                        plain.authenticationKey(),
                        new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500)));
    }

    public static SecurityAssociation ah(int spi) {
        return ah(spi, SHA1);
    }

    public static SecurityAssociation ah(int spi, AhSuite suite) {
        return sa(
                new Said(SaProtocol.AH, spi, PEER), new Transform.Ah(suite, key(suite.givenKeyOctets(), spi, 'h'), 0));
    }

    public static SecurityAssociation sa(Said said, Transform transform) {
        return new SecurityAssociation(
                said,
                said.family() == Family.INET ? OURS : OURS6,
                Direction.AUTO,
                transform,
                SecurityAssociation.DEFAULT_WINDOW_BITS,
                false,
                Lifetimes.NONE,
                0,
                false,
                0,
                0,
                0);
    }

    /** The same SA to another destination. */
    public static SecurityAssociation to(IpAddress destination, SecurityAssociation sa) {
        return new SecurityAssociation(
                new Said(sa.said().protocol(), sa.said().spi(), destination),
                destination.family() == Family.INET ? OURS : OURS6,
                sa.direction(),
                sa.transform(),
                sa.windowBits(),
                sa.esn(),
                sa.lifetimes(),
                sa.addedAtSeconds(),
                sa.legacy(),
                sa.ref(),
                sa.refhim(),
                sa.firstNumber());
    }

    public static SecurityAssociation directed(Direction direction, SecurityAssociation sa) {
        return new SecurityAssociation(
                sa.said(),
                sa.source(),
                direction,
                sa.transform(),
                sa.windowBits(),
                sa.esn(),
                sa.lifetimes(),
                sa.addedAtSeconds(),
                sa.legacy(),
                sa.ref(),
                sa.refhim(),
                sa.firstNumber());
    }

    public static SecurityAssociation sentBy(IpAddress source, SecurityAssociation sa) {
        return new SecurityAssociation(
                sa.said(),
                source,
                sa.direction(),
                sa.transform(),
                sa.windowBits(),
                sa.esn(),
                sa.lifetimes(),
                sa.addedAtSeconds(),
                sa.legacy(),
                sa.ref(),
                sa.refhim(),
                sa.firstNumber());
    }

    public static SecurityAssociation legacy(SecurityAssociation sa) {
        return new SecurityAssociation(
                sa.said(),
                sa.source(),
                sa.direction(),
                sa.transform(),
                sa.windowBits(),
                sa.esn(),
                sa.lifetimes(),
                sa.addedAtSeconds(),
                true,
                sa.ref(),
                sa.refhim(),
                sa.firstNumber());
    }

    public static SecurityAssociation with(Lifetimes lifetimes, SecurityAssociation sa) {
        return new SecurityAssociation(
                sa.said(),
                sa.source(),
                sa.direction(),
                sa.transform(),
                sa.windowBits(),
                sa.esn(),
                lifetimes,
                sa.addedAtSeconds(),
                sa.legacy(),
                sa.ref(),
                sa.refhim(),
                sa.firstNumber());
    }

    public static SecurityAssociation numbered(boolean esn, int windowBits, long first, SecurityAssociation sa) {
        return new SecurityAssociation(
                sa.said(),
                sa.source(),
                sa.direction(),
                sa.transform(),
                windowBits,
                esn,
                sa.lifetimes(),
                sa.addedAtSeconds(),
                sa.legacy(),
                sa.ref(),
                sa.refhim(),
                first);
    }

    public static SecurityAssociation referenced(int ref, SecurityAssociation sa) {
        return sa.withRef(ref);
    }

    public static Lifetimes hardAddtime(long seconds) {
        return new Lifetimes(
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE,
                new Lifetimes.Limit(0, seconds),
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE);
    }

    public static Lifetimes hardUsetime(long seconds) {
        return new Lifetimes(
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE,
                Lifetimes.Limit.NONE,
                new Lifetimes.Limit(0, seconds),
                Lifetimes.Limit.NONE);
    }

    public static Change.MakeGroup group(SecurityAssociation... innerToOuter) {
        return new Change.MakeGroup(
                Arrays.stream(innerToOuter).map(sa -> Target.of(sa.said())).toList(), null);
    }

    public static Change.MakeGroup group(Said... innerToOuter) {
        return new Change.MakeGroup(Arrays.stream(innerToOuter).map(Target::of).toList(), null);
    }

    public static List<Said> saids(SecurityAssociation... sas) {
        return Arrays.stream(sas).map(SecurityAssociation::said).toList();
    }
}
