package org.spigrp.daemon;

import java.util.List;
import java.util.Set;
import org.spigrp.engine.Port;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

/**
 * The machine as the live stack needs it: devices, sockets, routes, and a place to wait. One thread, but for
 * {@link #wake}. What cannot be had ends in a {@link Trouble} whose message is for people.
 */
interface Machine extends AutoCloseable {
    /** The machine said no. */
    final class Trouble extends RuntimeException {
        private static final long serialVersionUID = 1;

        Trouble(String say) {
            super(say);
        }

        String say() {
            return String.valueOf(getMessage());
        }
    }

    /** What a process may be allowed to do to a network; capabilities(7). */
    enum Right {
        /** Interfaces and routes. */
        NET_ADMIN(12),
        /** Raw sockets. */
        NET_RAW(13);

        private final int number;

        Right(int number) {
            this.number = number;
        }

        /** As a bit of the kernel's sets of capabilities. */
        long bit() {
            return 1L << number;
        }
    }

    boolean may(Right right);

    /** The virtual interface of that name, made if it is not there; its clear packets come in and go out by the port. */
    Port tun(String name);

    /** Takes the virtual interface away, and with it its addresses and routes. */
    void removeTun(String name);

    /** Whole IP packets on a physical interface: ESP, AH, IPComp and IP-in-IP come in, anything goes out. */
    Port raw(Family family, String device);

    /** ESP in UDP on a physical interface (RFC 3948). */
    Port udp(Family family, String device, int port);

    /** ICMP errors about what was sent on a physical interface; nothing goes out. */
    Port icmp(Family family, String device);

    /** 0 if there is no interface of that name. */
    int mtu(String device);

    void mtu(String device, int octets);

    /** False also where there is no such interface. */
    boolean isUp(String device);

    /** False where the family is switched off on this machine. */
    boolean has(Family family);

    Set<IpAddress> localAddresses();

    /** The networks that the machine's routes lead to a virtual interface. */
    List<Prefix> routesTo(String device);

    /** Routes of ours that make networks unreachable where no better route leads to them. */
    Set<Prefix> guards();

    /** @param device that its route leads to */
    void addGuard(Prefix network, String device);

    void removeGuard(Prefix network);

    /** Learns which ports have packets, and whether there is news; until the next look the others give nothing. */
    void look();

    /** What has changed on the network, as of the last look. */
    List<NetworkNews> news();

    /** Something about interfaces, addresses or routes has changed. */
    sealed interface NetworkNews {
        /** An interface came, went, or changed. */
        record Link(String name, boolean present, boolean up) implements NetworkNews {}

        /** Addresses of this host changed. */
        record Addresses() implements NetworkNews {}

        /** A route to {@code device} was taken away while {@code deviceUp} says whether the device was up. */
        record RouteGone(String device, Prefix network, boolean deviceUp) implements NetworkNews {}

        /** A route to {@code device} came. */
        record RouteCame(String device, Prefix network) implements NetworkNews {}

        /** So much happened that some of it was lost: look at everything. */
        record Everything() implements NetworkNews {}
    }

    /** Packets wait for the calling thread: when it is woken it should have a processor soon. */
    void hurry();

    /** Waits until packets or news have come, somebody calls {@link #wake}, or the time is over. */
    void await(long nanos);

    /** Ends {@link #await}, or the next one. Any thread. */
    void wake();

    @Override
    void close();
}
