package org.spigrp.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.capture.CaptureReader;
import org.spigrp.engine.capture.CaptureReader.Found;
import org.spigrp.engine.capture.CaptureRecord;
import org.spigrp.engine.capture.CaptureTrouble;
import org.spigrp.wire.AhHeader;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Octets;

/**
 * {@code ipsec quickstart}: the group of the manual page at work. Every command is printed as it can be typed, and run as
 * if it had been, in a directory that is removed at the end.
 */
final class QuickstartCommand implements Command {
    private static final String[] SAMPLES = {"web-dns-ipv4", "tls-ipv4-ipv6", "fragments-ipv4"};

    /** ESP with aes128-sha256: IV and ICV. */
    private static final int IV = 16;

    private static final int ESP_ICV = 16;
    /** AH with hmac-sha1-96 on IPv4. */
    private static final int AH = 24;

    @Override
    public String name() {
        return "quickstart";
    }

    @Override
    public String summary() {
        return "see a group of three protect real captures";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec quickstart

            Makes three SAs, groups them, protects three captures with the group and peels them back,
            in a directory of its own that is removed at the end. Prints each command that it runs.
            """;
    }

    @Override
    public boolean allowedInScripts() {
        return false;
    }

    @Override
    public int run(Call call) {
        if (call.words().equals(List.of("--help"))) {
            call.out().print(usage());
            return 0;
        }
        if (!call.words().isEmpty()) {
            throw new Refusal("takes no arguments, but " + call.words().getFirst() + " is given");
        }
        Path home = call.environment().home();
        if (home == null || !Files.isDirectory(home.resolve("captures"))) {
            throw new Refusal("does not find its sample captures: start it as ./ipsec in the checkout");
        }
        Path directory = null;
        try {
            directory = Files.createTempDirectory("spigrp-quickstart");
            return new Show(call, home, directory).run();
        } catch (IOException e) {
            throw new Refusal("cannot use a temporary directory: " + Trouble.why(e), Refusal.FAILED);
        } finally {
            if (directory != null) {
                remove(directory);
            }
        }
    }

    private static void remove(Path directory) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new Refusal("cannot remove " + directory + ": " + Trouble.why(e), Refusal.FAILED);
        }
    }

    /** One run of the demonstration. */
    private static final class Show {
        private final Call call;
        private final Path home;
        private final Path directory;
        private final Environment environment;
        private boolean allBack = true;

        Show(Call call, Path home, Path directory) {
            this.call = call;
            this.home = home;
            this.directory = directory;
            this.environment = call.environment()
                    .with("IPSEC_RUN", "") // no daemon shall hear of this
                    .with("IPSEC_STATE", directory.resolve("state").toString())
                    .with("IPSEC_HOSTS", directory.resolve("hosts").toString());
        }

        int run() throws IOException {
            call.say("# A directory of its own: hosts file, keys, state, captures. $D stands for it below.");
            call.say("$ D=$(mktemp -d); export IPSEC_STATE=$D/state IPSEC_HOSTS=$D/hosts");
            call.say("$ echo 192.0.2.2 gw2 > $D/hosts");
            Files.writeString(directory.resolve("hosts"), "192.0.2.2 gw2\n", StandardCharsets.UTF_8);
            call.say("$ umask 077");
            key("ranbits 128", "enc.key");
            key("ranbits 256", "auth.key");
            key("ranbits 160", "ah.key");
            call.say("");
            call.say("# Three SAs to gw2: a tunnel, encryption in it, authentication around it.");
            ipsec("spi --said tun.113@gw2 --src 192.0.2.1 --dst gw2 --ip4");
            ipsec(
                    "spi --said esp.115@gw2 --src 192.0.2.1 --esp aes128-sha256 --enckey @$D/enc.key --authkey @$D/auth.key");
            ipsec("spi --said ah.116@gw2 --src 192.0.2.1 --ah hmac-sha1-96 --authkey @$D/ah.key");
            call.say("");
            call.say("# One group of them, from the inside out. It is named by its first SA.");
            ipsec("spigrp inet gw2 0x113 tun inet gw2 0x115 esp inet gw2 0x116 ah");
            ipsec("spigrp");
            call.say("");
            call.say("# All traffic goes through the group, and may come out of it again.");
            for (String net : List.of("inet --src 0.0.0.0/0 --dst 0.0.0.0/0", "inet6 --src ::/0 --dst ::/0")) {
                ipsec("eroute --add --eraf " + net + " --said tun.113@gw2");
                ipsec("eroute --addin --eraf " + net + " --said tun.113@gw2");
            }
            for (String sample : SAMPLES) {
                call.say("");
                ipsec("pcap captures/" + sample + ".pcap $D/protected.pcap");
                ipsec("pcap $D/protected.pcap $D/peeled.pcap");
                compare(sample);
            }
            call.say("");
            picture();
            call.say("");
            call.say(
                    allBack
                            ? "All packets of the three captures came back identical. 'ipsec help spigrp' is a place to go on."
                            : "Some packets did not come back as they were: this should not be; please report it.");
            return allBack ? 0 : 1;
        }

        private void key(String command, String file) throws IOException {
            call.say("$ ./ipsec " + command + " > $D/" + file);
            var captured = new ByteArrayOutputStream();
            runIt(command, new PrintStream(captured, true, StandardCharsets.UTF_8));
            Path path = directory.resolve(file);
            Files.createFile(path, OwnerOnly.FILE);
            Files.write(path, captured.toByteArray());
        }

        private void ipsec(String command) {
            call.say("$ ./ipsec " + command);
            runIt(command, call.out());
        }

        private void runIt(String command, PrintStream out) {
            List<String> words = new ArrayList<>();
            for (String word : command.split(" ", -1)) {
                words.add(
                        word.startsWith("captures/")
                                ? home.resolve(word).toString()
                                : word.replace("$D", directory.toString()));
            }
            call.out().flush();
            int exit = Ipsec.run(
                    words.toArray(new String[0]), InputStream.nullInputStream(), out, call.err(), environment);
            if (exit != 0) {
                throw new Refusal("stops: 'ipsec " + command + "' ended with exit status " + exit, exit);
            }
        }

        private void compare(String sample) throws IOException {
            long identical = 0;
            long all = 0;
            try (CaptureReader clear = open(home.resolve("captures").resolve(sample + ".pcap"));
                    CaptureReader peeled = open(directory.resolve("peeled.pcap"))) {
                byte[] wanted = nextIp(clear);
                byte[] got = nextIp(peeled);
                while (wanted != null) {
                    all++;
                    identical += got != null && Arrays.equals(wanted, got) ? 1 : 0;
                    wanted = nextIp(clear);
                    got = got == null ? null : nextIp(peeled);
                }
                if (got != null) {
                    allBack = false;
                    call.say("=> more packets came back than were sent");
                }
            }
            allBack &= identical == all;
            call.say("=> " + sample + ": " + identical + " of " + all
                    + " IP packets came back identical, from first octet to" + " total length");
        }

        /** The group's work on the first packet with something in it. */
        private void picture() throws IOException {
            try (CaptureReader clear = open(home.resolve("captures").resolve(SAMPLES[2] + ".pcap"));
                    CaptureReader wrapped = open(directory.resolve("protected.pcap"))) {
                byte[] inner = nextIp(clear);
                byte[] outer = nextIp(wrapped);
                if (inner == null || outer == null) {
                    throw new CaptureTrouble("a sample capture is empty");
                }
                var before = new Octets(inner);
                var after = new Octets(outer);
                call.say("# The first packet of the last capture, before and after:");
                String[] ip = ipText(before);
                int header = (before.u8(0) & 0xf) * 4;
                var clearPicture = new PacketPicture();
                clearPicture.add(header, ip);
                clearPicture.add(inner.length - header, "data");
                clearPicture.print(call::say);
                int esp = 20 + AH;
                int padding = outer.length - esp - EspHeader.LENGTH - IV - inner.length - 2 - ESP_ICV;
                var picture = new PacketPicture();
                int first = picture.add(20, ipText(after));
                picture.add(
                        AH,
                        "AH",
                        "spi 0x" + Integer.toHexString(AhHeader.spi(after, 20)),
                        "seq " + AhHeader.sequence(after, 20));
                int espPart = picture.add(
                        EspHeader.LENGTH,
                        "ESP",
                        "spi 0x" + Integer.toHexString(EspHeader.spi(after, esp)),
                        "seq " + EspHeader.sequence(after, esp));
                picture.add(IV, "IV");
                int secret = picture.add(header, ip);
                picture.add(inner.length - header, "data");
                int trailer = picture.add(padding + 2, "padding,", "next");
                int icv = picture.add(ESP_ICV, "ICV");
                picture.cover(secret, trailer, "encrypted by ESP");
                picture.cover(espPart, trailer, "authenticated by ESP");
                picture.cover(first, icv, "authenticated by AH, but for fields that routers change");
                picture.print(call::say);
            }
        }

        private static String[] ipText(Octets packet) {
            return new String[] {"IPv4", address(packet, 12), "> " + address(packet, 16)};
        }

        private static String address(Octets packet, int at) {
            return IpAddress.read(Family.INET, packet, at).toString();
        }

        private static CaptureReader open(Path path) throws IOException {
            return CaptureReader.open(path.toString(), Files.newInputStream(path));
        }

        /** The next IP packet, from its first octet to its total length, or null at the end. */
        private static byte @Nullable [] nextIp(CaptureReader reader) {
            var record = new CaptureRecord();
            while (reader.next(record) == Found.RECORD) {
                var frame = new Octets(record.array, record.start, record.length);
                int offset = record.linkType.ipOffset(frame);
                if (offset >= 0) {
                    int length = frame.u8(offset) >>> 4 == 4 ? frame.u16(offset + 2) : 40 + frame.u16(offset + 4);
                    byte[] packet = new byte[Math.min(length, record.length - offset)];
                    frame.get(offset, packet, 0, packet.length);
                    return packet;
                }
            }
            return null;
        }
    }
}
