package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Transform;
import org.spigrp.wire.AddressText;
import org.spigrp.wire.AhHeader;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.NameResolver;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/** Packets of a Linux kernel (vectors/README.md), opened and made again by the layers alone. */
class VectorsTest {
    private static final Path VECTORS = Path.of("..", "vectors");

    static Stream<Path> cases() throws IOException {
        try (Stream<Path> folders = Files.list(VECTORS)) {
            return folders.filter(Files::isDirectory).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void packets_of_linux_are_peeled_and_made_again_octet_for_octet(Path folder) throws IOException {
        List<byte[]> clear = packets(folder.resolve("clear.pcap"));
        List<byte[]> wrapped = packets(folder.resolve("protected.pcap"));
        assertThat(wrapped).hasSameSizeAs(clear).hasSize(24);
        var given = new Given();
        LayerBed receiver = bed(folder, EngineSeams.NONE);
        for (int i = 0; i < clear.size(); i++) {
            var packet = Packet.of(wrapped.get(i));
            assertThat(peelAndRemember(receiver, packet, given))
                    .as("packet %d", i)
                    .isEqualTo(Verdict.NONE);
            assertThat(packet.toBytes()).as("packet %d", i).isEqualTo(clear.get(i));
        }
        LayerBed sender = bed(folder, new EngineSeams(given.ivs, said -> given.ids.removeFirst()).withZlib());
        for (int i = 0; i < clear.size(); i++) {
            var packet = Packet.of(clear.get(i));
            assertThat(sender.protect(packet)).as("packet %d", i).isEqualTo(Verdict.NONE);
            assertThat(packet.toBytes()).as("packet %d", i).isEqualTo(wrapped.get(i));
        }
    }

    /** What the sender chose, as its packets show it. */
    private static final class Given {
        final LayerBed.GivenIvs ivs = new LayerBed.GivenIvs();
        final Deque<Integer> ids = new ArrayDeque<>();
    }

    private static Verdict peelAndRemember(LayerBed bed, Packet packet, Given given) {
        Deque<Integer> outerIds = new ArrayDeque<>();
        for (int i = bed.layers().size() - 1; i >= 0; i--) {
            Layer layer = bed.layers().get(i);
            if (layer instanceof CompLayer && !bed.isCompressed(packet)) {
                continue;
            }
            if (layer instanceof TunnelLayer && packet.u8(0) >>> 4 == 4) {
                outerIds.addFirst(packet.u16(4));
            }
            var before = Packet.of(packet.toBytes());
            Verdict verdict = bed.peelOne(layer, packet);
            if (verdict != Verdict.NONE) {
                return verdict;
            }
            remember(layer, bed.job, before, given.ivs);
        }
        given.ids.addAll(outerIds);
        return Verdict.NONE;
    }

    private static void remember(Layer layer, CryptoJob job, Packet before, LayerBed.GivenIvs ivs) {
        int spi = layer.state().said().spi();
        if (layer.state().sa().transform() instanceof Transform.Esp esp) {
            int length = esp.suite().cipher().ivOctets();
            put(ivs.ivs, spi, job.number, before, job.at + job.front - length, length);
        } else if (layer.state().sa().transform() instanceof Transform.Ah ah) {
            int from = job.at + AhHeader.ICV + ah.suite().icvOctets();
            put(ivs.paddings, spi, job.number, before, from, job.at + job.front - from);
        }
    }

    private static void put(
            Map<Integer, Map<Long, byte[]>> into, int spi, long number, Packet packet, int at, int length) {
        byte[] octets = new byte[length];
        packet.get(at, octets, 0, length);
        into.computeIfAbsent(spi, _ -> new HashMap<>()).put(number, octets);
    }

    // case.json: a flat list of SAs is all that is wanted of it

    private static final Pattern SAS = Pattern.compile("\"sas\"\\s*:\\s*\\[(.*?\\})\\s*\\]", Pattern.DOTALL);
    private static final Pattern SA = Pattern.compile("\\{(.*?)\\}", Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\"\\s*:\\s*(?:\"([^\"]*)\"|(\\w+)|\\[([^]]*)\\])");

    private static LayerBed bed(Path folder, EngineSeams seams) throws IOException {
        var bed = new LayerBed(CryptoEngines.best(), seams, 1);
        var sas = SAS.matcher(Files.readString(folder.resolve("case.json")));
        assertThat(sas.find()).isTrue();
        int tunnelSpi = 0x900;
        for (MatchResult match : SA.matcher(sas.group(1)).results().toList()) {
            Map<String, String> sa = new HashMap<>();
            FIELD.matcher(match.group(1))
                    .results()
                    .forEach(field -> sa.put(
                            field.group(1),
                            Stream.of(2, 3, 4)
                                    .map(field::group)
                                    .filter(value -> value != null)
                                    .findFirst()
                                    .orElseThrow()
                                    .strip()));
            IpAddress source = address(sa.get("src"));
            IpAddress destination = address(sa.get("dst"));
            if (sa.get("mode").equals("tunnel")) {
                var tunnel = new Transform.Tunnel(Transform.DfPolicy.COPY, Transform.EcnPolicy.LINUX);
                bed.add(tunnel, tunnelSpi++, source, destination);
            }
            bed.esn = sa.containsKey("esn");
            bed.firstNumber = Long.parseLong(sa.getOrDefault("first_seq", "0"));
            bed.add(transform(sa), Integer.parseInt(sa.get("spi")), source, destination);
        }
        return bed;
    }

    private static IpAddress address(String text) {
        return LayerBed.ok(AddressText.parse(text, null, NameResolver.NONE));
    }

    private static Transform transform(Map<String, String> sa) {
        KeyMaterial authKey = key(sa.getOrDefault("auth_key", ""));
        return switch (sa.get("proto")) {
            case "comp" -> LayerBed.comp(Transform.CompThreshold.LINUX);
            case "ah" -> {
                String name = sa.get("auth").replace("sha256", "sha2-256");
                yield new Transform.Ah(LayerBed.ok(AlgorithmNames.ah(name)), authKey, 8);
            }
            default ->
                new Transform.Esp(
                        LayerBed.ok(AlgorithmNames.esp(espName(sa))),
                        key(sa.getOrDefault("enc_key", "")),
                        authKey,
                        nat(sa));
        };
    }

    private static String espName(Map<String, String> sa) {
        String cipher = switch (sa.get("enc")) {
            case "aes-gcm-16" -> "aes128gcm16";
            case "aes-ccm-16" -> "aes128ccm16";
            case "aes-gmac" -> "aes128gmac";
            case "aes-cbc" -> "aes128";
            case "aes256-cbc" -> "aes256";
            case "aes-ctr" -> "aes128ctr";
            case "3des-cbc" -> "3des";
            default -> sa.get("enc");
        };
        return !sa.containsKey("auth")
                ? cipher
                : cipher + "-" + sa.get("auth").replace("hmac-", "").replaceAll("-\\d+$", "");
    }

    private static NatTraversal nat(Map<String, String> sa) {
        if (!sa.containsKey("encap")) {
            return NatTraversal.NONE;
        }
        String[] ports = sa.get("encap").split(",", 2);
        return new NatTraversal(
                NatTraversal.Kind.NONESP, Integer.parseInt(ports[0].strip()), Integer.parseInt(ports[1].strip()));
    }

    private static KeyMaterial key(String hex) {
        return KeyMaterial.copyOf(HexFormat.of().parseHex(hex));
    }

    private static List<byte[]> packets(Path capture) {
        try {
            ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(capture)).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(file.getInt(0)).isEqualTo(0xa1b2c3d4);
            file.position(24);
            List<byte[]> packets = new ArrayList<>();
            while (file.hasRemaining()) {
                byte[] packet = new byte[file.getInt(file.position() + 8)];
                file.position(file.position() + 16);
                file.get(packet);
                packets.add(packet);
            }
            return packets;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
