package org.spigrp.it.live;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What two sides agree on: a group for each direction, and what goes through it. Named once; {@link Ours}, {@link Xfrm} and
 * {@link ScapyPeer} say it in the words of each peer. Keys follow from everything in it, so that no two plans share one and a failure can be repeated.
 *
 * @param parts from the inside out: one, or several where a group ends at several gateways
 * @param westNet what is protected on the west side
 * @param nat how the east sees the west
 */
record Plan(List<Part> parts, String westNet, String eastNet, Nat nat) {
    /**
     * @param members from the inside out, as {@code "tun esp=aes128gcm16 ah=hmac-sha2-256-128"}; {@code esp/natt=...} is ESP
     *     in UDP
     * @param spi of the first member eastward; the next ones follow, and westward ones are higher by 0x1000
     */
    record Part(String members, String west, String east, int spi) {}

    /** An address and a port; the address is empty where there is no NAT. */
    record Nat(String address, int port) {
        static final Nat NONE = new Nat("", 0);
    }

    /** The sides. */
    enum Side {
        WEST,
        EAST
    }

    private static final int FIRST_SPI = 0x1000;
    private static final int NEXT_PART = 0x10;
    private static final int NEXT_KEYS = 0x100;
    private static final int WESTWARD = 0x1000;
    private static final int NATT_PORT = 4500;

    static Plan tunnel(String members, String west, String east, String westNet, String eastNet) {
        return new Plan(List.of(new Part(members, west, east, FIRST_SPI)), westNet, eastNet, Nat.NONE);
    }

    /** Between the two hosts themselves. */
    static Plan transport(String members, String west, String east) {
        return tunnel(members, west, east, host(west), host(east));
    }

    /** All of it goes through more members, whose gateways may be others. */
    Plan within(String outer, String west, String east) {
        var more = new ArrayList<>(parts);
        more.add(new Part(outer, west, east, parts.getLast().spi() + NEXT_PART));
        return new Plan(more, westNet, eastNet, nat);
    }

    /** False for a tunnel alone: what it carries can be read on the way. */
    boolean protects() {
        return parts.stream()
                .anyMatch(
                        part -> part.members().contains("esp") || part.members().contains("ah"));
    }

    /** The same with new SPIs and keys. */
    Plan rekeyed() {
        return new Plan(
                parts.stream()
                        .map(part -> new Part(part.members(), part.west(), part.east(), part.spi() + NEXT_KEYS))
                        .toList(),
                westNet,
                eastNet,
                nat);
    }

    /** The same with the west behind a NAT box. */
    Plan behindNat(String address, int port) {
        return new Plan(parts, westNet, eastNet, new Nat(address, port));
    }

    /** A part alone, for a gateway that knows no other: what it carries are the packets of the part inside of it. */
    Plan part(int index) {
        return index == 0
                ? new Plan(List.of(parts.getFirst()), westNet, eastNet, nat)
                : new Plan(
                        List.of(parts.get(index)),
                        host(parts.get(index - 1).west()),
                        host(parts.get(index - 1).east()),
                        nat);
    }

    /** What this side sends. */
    Flow sentBy(Side side) {
        return flow(side == Side.WEST, side);
    }

    Flow receivedBy(Side side) {
        return flow(side == Side.EAST, side);
    }

    private Flow flow(boolean eastward, Side seenBy) {
        boolean natted = seenBy == Side.EAST && !nat.address().isEmpty();
        int westPort = natted ? nat.port() : NATT_PORT;
        var made = new ArrayList<Member>();
        for (Part part : parts) {
            String west = natted ? nat.address() : part.west();
            int spi = part.spi() + (eastward ? 0 : WESTWARD);
            for (String word : part.members().split(" ", -1)) {
                boolean udp = word.contains("/natt");
                String[] pair = word.replace("/natt", "").split("=", 2);
                Suite suite = Suite.called(pair.length == 1 ? "" : pair[1]);
                made.add(new Member(
                        pair[0],
                        suite,
                        spi,
                        eastward ? west : part.east(),
                        eastward ? part.east() : west,
                        key("cipher " + part + Flow.six(westNet) + spi, suite.cipherOctets()),
                        key("integrity " + part + Flow.six(westNet) + spi, suite.integrityOctets()),
                        !udp ? 0 : eastward ? westPort : NATT_PORT,
                        !udp ? 0 : eastward ? NATT_PORT : westPort));
                spi++;
            }
        }
        return new Flow(made, eastward ? westNet : eastNet, eastward ? eastNet : westNet);
    }

    private static String key(String seed, int octets) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-512").digest(seed.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, octets);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-512", e);
        }
    }

    static String host(String address) {
        return address + (address.contains(":") ? "/128" : "/32");
    }

    @Override
    public String toString() {
        String groups = parts.stream()
                .map(part -> part.members() + (part.east().contains(":") ? " (IPv6)" : ""))
                .collect(Collectors.joining(" + "));
        return groups + " for " + eastNet + (nat.equals(Nat.NONE) ? "" : " behind NAT");
    }
}
