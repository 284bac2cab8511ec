package org.spigrp.daemon;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A client of the control socket that writes any octets, and reads lines. Every wait ends with the server's answer or end. */
final class Client implements AutoCloseable {
    static final String END = "(the end)";

    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16).flip();

    Client(Path directory) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(directory.resolve("control")));
    }

    Client send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    Client send(byte[] octets) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(octets);
        while (out.hasRemaining()) {
            channel.write(out);
        }
        return this;
    }

    /** Ends the line, and reads the answer. */
    String ask(String request) throws IOException {
        return send(request + "\n").line();
    }

    /** {@link #END} at the end. */
    String line() throws IOException {
        var line = new java.io.ByteArrayOutputStream();
        while (true) {
            while (in.hasRemaining()) {
                byte octet = in.get();
                if (octet == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                line.write(octet);
            }
            try {
                if (channel.read(in.clear()) < 0) {
                    return END;
                }
            } catch (IOException e) {
                return END; // a reset: the server closed without reading all that it was sent
            } finally {
                in.flip();
            }
        }
    }

    List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.equals(END); line = line()) {
            lines.add(line);
        }
        return lines;
    }

    /** Writes until the server has gone. */
    void writeToTheEnd(String text) {
        try {
            while (true) {
                send(text);
            }
        } catch (IOException e) {
            // that is what was waited for
        }
    }

    void go() throws IOException {
        channel.close();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
