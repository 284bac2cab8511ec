package org.spigrp.sa;

import org.spigrp.wire.IpAddress;

/**
 * An SA as the administrator made it (RFC 4301 4.4.2): unchanging. What moves while packets pass is in {@link SaState}.
 *
 * @param source the outer source; the "any" address of a family where none is checked (a tunnel that may send needs a
 *     real one)
 * @param windowBits replay window, 1..65536; 0 = off
 * @param esn extended sequence numbers (RFC 4303 2.2.1)
 * @param addedAtSeconds since 1970; 0 in a change = now
 * @param legacy created under {@code IPSEC_LEGACY=ok}: ESP without integrity carries packets alone, and a tunnel
 *     accepts inner packets without an inbound policy
 * @param ref the small number of the listing ("SAref"), unique among living SAs; 0 in a change = the next free one
 * @param refhim the SAref of the other direction, 0 = none
 * @param firstNumber {@code --seq}: next number to send or highest already received; 0 = not given
 */
public record SecurityAssociation(
        Said said,
        IpAddress source,
        Direction direction,
        Transform transform,
        int windowBits,
        boolean esn,
        Lifetimes lifetimes,
        long addedAtSeconds,
        boolean legacy,
        int ref,
        int refhim,
        long firstNumber) {
    public static final int DEFAULT_WINDOW_BITS = 1024;
    public static final int MAX_WINDOW_BITS = 65_536;

    /** With the defaults: either direction, a window of {@value #DEFAULT_WINDOW_BITS}, 32-bit numbers, no limits. */
    public static SecurityAssociation of(Said said, IpAddress source, Transform transform) {
        return new SecurityAssociation(
                said, source, Direction.AUTO, transform, DEFAULT_WINDOW_BITS, false, Lifetimes.NONE, 0, false, 0, 0, 0);
    }

    public SecurityAssociation withRef(int newRef) {
        return new SecurityAssociation(
                said,
                source,
                direction,
                transform,
                windowBits,
                esn,
                lifetimes,
                addedAtSeconds,
                legacy,
                newRef,
                refhim,
                firstNumber);
    }

    public SecurityAssociation withAddedAtSeconds(long seconds) {
        return new SecurityAssociation(
                said,
                source,
                direction,
                transform,
                windowBits,
                esn,
                lifetimes,
                seconds,
                legacy,
                ref,
                refhim,
                firstNumber);
    }

    public SecurityAssociation withWindowBits(int bits) {
        return new SecurityAssociation(
                said,
                source,
                direction,
                transform,
                bits,
                esn,
                lifetimes,
                addedAtSeconds,
                legacy,
                ref,
                refhim,
                firstNumber);
    }

    /**
     * The last second at which the hard limits of addtime and usetime let it live; later it is due to go, used or not.
     * {@link Long#MAX_VALUE} = no end.
     */
    public long lastSecond(SaUse use) {
        long byAddtime = end(addedAtSeconds, lifetimes.addtime().hard());
        long byUsetime = use.firstUsedSeconds() == 0
                ? Long.MAX_VALUE
                : end(use.firstUsedSeconds(), lifetimes.usetime().hard());
        return Math.min(byAddtime, byUsetime);
    }

    private static long end(long from, long limit) {
        return limit == 0 || limit > Long.MAX_VALUE - from ? Long.MAX_VALUE : from + limit;
    }

    /** True for AH and ESP: they have a sequence number. */
    public boolean hasSequence() {
        return said.protocol() == SaProtocol.AH || said.protocol() == SaProtocol.ESP;
    }

    /** True where the SA authenticates packets. */
    public boolean hasIntegrity() {
        return switch (transform) {
            case Transform.Ah _ -> true;
            case Transform.Esp esp -> esp.suite().hasIntegrity();
            case Transform.Comp _, Transform.Tunnel _ -> false;
        };
    }

    /** True where a repeated IV under one key would be fatal. */
    public boolean isCounterMode() {
        return switch (transform) {
            case Transform.Ah ah -> ah.suite().isCounterMode();
            case Transform.Esp esp -> esp.suite().cipher().isCounterMode();
            case Transform.Comp _, Transform.Tunnel _ -> false;
        };
    }

    /** The last number that may be sent. */
    public long lastNumber() {
        return esn ? -1L : 0xffff_ffffL;
    }
}
