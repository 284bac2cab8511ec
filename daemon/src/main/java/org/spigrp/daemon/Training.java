package org.spigrp.daemon;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The training run of {@code ./ipsec}: a live stack in a throw-away state directory that is asked what live stacks are
 * asked, so that the JVM can record every class it loads. The recording is what makes a later start fast; nothing else
 * uses this class.
 *
 * <p>It wants neither root nor a TUN device. Where it was given a network of its own it uses one too.
 */
final class Training {
    private static final String READY = "ready";

    private final Path control;
    private final boolean ownNetwork;

    private Training(Path control, boolean ownNetwork) {
        this.control = control;
        this.ownNetwork = ownNetwork;
    }

    /** The requests of the file {@code args[0]}; {@code args[1]} is {@code own-network} where that is so. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Map<String, String> variables = System.getenv();
        Path state = Path.of(variables.getOrDefault("IPSEC_STATE", "state"));
        var training = new Training(
                state.resolve("run").resolve(ControlSocket.NAME), List.of(args).contains("own-network"));
        training.run(Files.readAllLines(Path.of(args[0])), Map.of("IPSEC_STATE", state.toString()));
    }

    private void run(List<String> lines, Map<String, String> variables) throws IOException, InterruptedException {
        var pipe = new PipedInputStream();
        var out = new PrintStream(new PipedOutputStream(pipe), true, StandardCharsets.UTF_8);
        Thread stack = Thread.ofPlatform().daemon().start(() -> {
            try (out) {
                System.out.println("exit " + Main.run(List.of("--natt-port", "4500"), variables, out, System.out));
            }
        });
        if (READY.equals(
                new BufferedReader(Channels.newReader(Channels.newChannel(pipe), StandardCharsets.UTF_8)).readLine())) {
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(control))) {
                var answers = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
                for (String line : lines) {
                    perform(line, channel, answers);
                }
            }
        }
        stack.join();
    }

    private void perform(String line, SocketChannel channel, BufferedReader answers)
            throws IOException, InterruptedException {
        if (line.startsWith("{") || (ownNetwork && line.startsWith("+"))) {
            String request = line.substring(line.indexOf('{')) + "\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            String answer = answers.readLine();
            while (answer != null && answer.contains("\"line\":")) {
                answer = answers.readLine();
            }
            System.out.println("< " + answer);
        } else if (ownNetwork && line.startsWith("!")) {
            int exit = new ProcessBuilder("sh", "-c", line.substring(1))
                    .inheritIO()
                    .start()
                    .waitFor();
            System.out.println("$" + line.substring(1) + " -> " + exit);
        }
    }
}
