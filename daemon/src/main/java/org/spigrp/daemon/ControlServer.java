package org.spigrp.daemon;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Json;

/**
 * The socket that commands come in by: {@code control} in the run directory, AF_UNIX, lines of JSON, explained in
 * ipsec-control(5). It listens from {@link #bind} on, so that commands wait for a daemon that is starting, and answers
 * from {@link #serve} on. A thread for each client; whatever a client does hurts no other.
 */
public final class ControlServer implements AutoCloseable {
    /** How long to wait when the process has no descriptor left for another client. */
    private static final long BREATHER_MILLIS = 100;

    /** Tells who is at the other end. */
    interface Peers {
        UnixDomainPrincipal of(SocketChannel channel) throws IOException;
    }

    private final Path directory;
    private final Path file;
    private final ServerSocketChannel listening;
    private final ControlAccess access;
    private final ControlLimits limits;
    private final Peers peers;
    private final ScheduledThreadPoolExecutor alarm;
    private final Map<ControlConnection, Thread> clients = new HashMap<>();
    private int readers;
    private boolean closed;

    private ControlServer(
            Path directory, @Nullable GroupPrincipal group, Path groupFile, ControlLimits limits, Peers peers) {
        this.directory = directory.toAbsolutePath();
        this.file = this.directory.resolve(ControlSocket.NAME);
        this.limits = limits;
        this.peers = peers;
        this.listening = ControlSocket.listen(directory, group);
        try {
            var users = file.getFileSystem().getUserPrincipalLookupService();
            this.access = new ControlAccess(users.lookupPrincipalByName("0"), Files.getOwner(file), group, groupFile);
        } catch (IOException e) {
            throw new ControlTrouble("cannot tell who owns the control socket " + file + ": " + e.getMessage());
        }
        this.alarm = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("control alarm").factory());
        alarm.setRemoveOnCancelPolicy(true);
    }

    /**
     * Opens the socket.
     *
     * @param directory the run directory; made if it is missing
     * @param group whose members may read, null = nobody
     * @throws ControlTrouble if it cannot be, also because another daemon listens there
     */
    public static ControlServer bind(Path directory, @Nullable String group) {
        return bind(directory, group, Path.of("/etc/group"), ControlLimits.USUAL, ControlServer::peer);
    }

    static ControlServer bind(
            Path directory, @Nullable String group, Path groupFile, ControlLimits limits, Peers peers) {
        return new ControlServer(
                directory, group == null ? null : ControlSocket.group(group), groupFile, limits, peers);
    }

    static UnixDomainPrincipal peer(SocketChannel channel) throws IOException {
        return channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
    }

    /** Answers from now on. */
    void serve(Desk desk) {
        Thread.ofVirtual().name("control socket").start(() -> accept(desk));
    }

    private void accept(Desk desk) {
        while (listening.isOpen()) {
            try {
                SocketChannel channel = listening.accept();
                Thread.ofVirtual().name("control client").start(() -> serve(channel, desk));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) { // no descriptor is left: one of the clients has to go first
                breathe();
            }
        }
    }

    @SuppressWarnings("WaitNotInLoop") // who wakes too early tries too early, and comes back
    private synchronized void breathe() {
        try {
            wait(BREATHER_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel channel, Desk desk) {
        ControlConnection client = null;
        boolean reads = false;
        try (channel) {
            UnixDomainPrincipal peer = peers.of(channel);
            ControlAccess.Right right = access.of(peer);
            if (right == ControlAccess.Right.NONE) {
                sendAway(channel, access.denial(peer));
                return;
            }
            reads = right == ControlAccess.Right.READ;
            client = new ControlConnection(channel, peer, access, desk, limits, alarm, directory);
            String why = enter(client, reads);
            if (why != null) {
                client = null;
                sendAway(channel, why);
                return;
            }
            client.serve();
        } catch (IOException e) {
            // the client has gone, in the middle of whatever it was: nobody is left to be told
        } finally {
            leave(client, reads);
        }
    }

    /** Null, or why not. */
    private synchronized @Nullable String enter(ControlConnection client, boolean reads) {
        if (closed) {
            return "the daemon ends";
        }
        if (clients.size() >= limits.connections()) {
            return "there are " + limits.connections() + " clients already: try again when some have gone";
        }
        if (reads && readers >= limits.readers()) {
            return "there are " + limits.readers() + " readers already: try again when some have gone";
        }
        clients.put(client, Thread.currentThread());
        readers += reads ? 1 : 0;
        return null;
    }

    private synchronized void leave(@Nullable ControlConnection client, boolean reads) {
        if (client != null && clients.remove(client) != null) {
            readers -= reads ? 1 : 0;
        }
        notifyAll();
    }

    /** One line fits into the socket's buffer: nobody waits for the client. */
    private static void sendAway(SocketChannel channel, String say) throws IOException {
        String line = new Json().object().member("error", say).end() + "\n";
        channel.configureBlocking(false);
        channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
    }

    /** Takes no new clients, lets those that are there take what is on its way, and removes the socket's file. */
    @Override
    public void close() {
        Map<ControlConnection, Thread> left;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            left = new HashMap<>(clients);
        }
        try {
            listening.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // what stays is taken for the socket of a dead daemon, and replaced
        }
        left.keySet().forEach(ControlConnection::end);
        long until = System.nanoTime() + limits.farewell().toNanos();
        try {
            for (Thread thread : left.values()) {
                thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        left.keySet().forEach(ControlConnection::close);
        alarm.shutdownNow();
    }

    /** Where commands find it. */
    public UnixDomainSocketAddress address() {
        return UnixDomainSocketAddress.of(file);
    }
}
