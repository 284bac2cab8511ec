package org.spigrp.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Direction;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;
import org.spigrp.wire.AddressText;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.NameResolver;
import org.spigrp.wire.Parsed;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * One folder of {@code vectors/}: packets that a Linux kernel protected, and the SAs it did it with. A tunnel-mode state
 * of Linux is a tun SA and the SA behind it here.
 */
record VectorCase(String name, Path folder, JsonNode json, List<byte[]> clear, List<byte[]> guarded) {
    static final Path VECTORS = Path.of("..", "vectors");

    static List<VectorCase> all() throws IOException {
        var cases = new ArrayList<VectorCase>();
        try (var folders = Files.newDirectoryStream(VECTORS, Files::isDirectory)) {
            for (Path folder : folders) {
                cases.add(new VectorCase(
                        folder.getFileName().toString(),
                        folder,
                        new ObjectMapper().readTree(Files.readString(folder.resolve("case.json"))),
                        RawPcap.read(folder.resolve("clear.pcap")),
                        RawPcap.read(folder.resolve("protected.pcap"))));
            }
        }
        cases.sort((a, b) -> a.name.compareTo(b.name));
        return cases;
    }

    /** The kernel that received the originals filled in the record-route option: compare without options and checksum. */
    boolean compareWithoutOptions() {
        return json.path("compare").asString("").equals("no-options");
    }

    /** The group's SAs, inner to outer, set to Linux's habits. */
    List<SecurityAssociation> sas(Direction direction) {
        var sas = new ArrayList<SecurityAssociation>();
        for (JsonNode node : json.get("sas")) {
            if (node.get("mode").asString().equals("tunnel")) {
                sas.add(sa(
                        node,
                        direction,
                        said(node, SaProtocol.TUN),
                        new Transform.Tunnel(Transform.DfPolicy.COPY, Transform.EcnPolicy.LINUX)));
            }
            SaProtocol protocol = switch (node.get("proto").asString()) {
                case "esp" -> SaProtocol.ESP;
                case "ah" -> SaProtocol.AH;
                case "comp" -> SaProtocol.COMP;
                default -> throw new IllegalArgumentException(node.toString());
            };
            sas.add(sa(node, direction, said(node, protocol), transform(node, protocol)));
        }
        return sas;
    }

    private static SecurityAssociation sa(JsonNode node, Direction direction, Said said, Transform transform) {
        boolean esn = node.path("esn").asBoolean(false) && transform.protocol() != SaProtocol.TUN;
        long first = esn ? node.path("first_seq").asLong(0) : 0;
        return new SecurityAssociation(
                said,
                address(node.get("src").asString()),
                direction,
                transform,
                64,
                esn,
                Lifetimes.NONE,
                0,
                false,
                0,
                0,
                direction == Direction.IN && first != 0 ? first - 1 : first);
    }

    private static Said said(JsonNode node, SaProtocol protocol) {
        return new Said(
                protocol, node.get("spi").asInt(), address(node.get("dst").asString()));
    }

    private static Transform transform(JsonNode node, SaProtocol protocol) {
        return switch (protocol) {
            case ESP ->
                new Transform.Esp(espSuite(node), key(node, "enc_key"), key(node, "auth_key"), encapsulation(node));
            case AH -> {
                AhSuite suite = get(AlgorithmNames.ah(ahName(node.get("auth").asString())));
                // Linux pads AH to a multiple of 8 octets in IPv4 too
                yield new Transform.Ah(suite, key(node, "auth_key"), 8);
            }
            case COMP -> new Transform.Comp(CompAlgorithm.DEFLATE, Transform.CompThreshold.LINUX);
            case TUN, INT -> throw new IllegalArgumentException(protocol.text());
        };
    }

    private static NatTraversal encapsulation(JsonNode node) {
        JsonNode ports = node.get("encap");
        return ports == null
                ? NatTraversal.NONE
                : new NatTraversal(
                        NatTraversal.Kind.NONESP,
                        ports.get(0).asInt(),
                        ports.get(1).asInt());
    }

    private static EspSuite espSuite(JsonNode node) {
        int keyOctets = node.path("enc_key").asString("").length() / 2;
        String cipher = switch (node.get("enc").asString()) {
            case "aes-gcm-16" -> "aes" + 8 * (keyOctets - 4) + "gcm16";
            case "aes-ccm-16" -> "aes" + 8 * (keyOctets - 3) + "ccm16";
            case "aes-gmac" -> "aes" + 8 * (keyOctets - 4) + "gmac";
            case "chacha20poly1305" -> "chacha20poly1305";
            case "aes-cbc", "aes256-cbc" -> "aes" + 8 * keyOctets;
            case "aes-ctr" -> "aes" + 8 * (keyOctets - 4) + "ctr";
            case "3des-cbc" -> "3des";
            case "null" -> "null";
            default -> throw new IllegalArgumentException(node.toString());
        };
        JsonNode auth = node.get("auth");
        return get(AlgorithmNames.esp(auth == null ? cipher : cipher + "-" + espIntegrity(auth.asString())));
    }

    private static String espIntegrity(String name) {
        return switch (name) {
            case "hmac-md5-96" -> "md5";
            case "hmac-sha1-96" -> "sha1";
            case "hmac-sha256-128" -> "sha256";
            case "hmac-sha512-256" -> "sha512";
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static String ahName(String name) {
        return switch (name) {
            case "hmac-sha1-96" -> "hmac-sha1-96";
            case "hmac-sha256-128" -> "hmac-sha2-256-128";
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static KeyMaterial key(JsonNode node, String field) {
        return KeyMaterial.copyOf(HexFormat.of().parseHex(node.path(field).asString("")));
    }

    static IpAddress address(String text) {
        return get(AddressText.parse(text, text.contains(":") ? Family.INET6 : Family.INET, NameResolver.NONE));
    }

    private static <T> T get(Parsed<T> parsed) {
        return switch (parsed) {
            case Parsed.Ok<T>(T value) -> value;
            case Parsed.Bad<T>(String why) -> throw new IllegalArgumentException(why);
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
