package org.spigrp.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Port;
import org.spigrp.linux.Addresses;
import org.spigrp.linux.HostRoutes;
import org.spigrp.linux.IcmpPort;
import org.spigrp.linux.KernelPort;
import org.spigrp.linux.KernelRoute;
import org.spigrp.linux.KernelTrouble;
import org.spigrp.linux.Link;
import org.spigrp.linux.Links;
import org.spigrp.linux.LocalAddress;
import org.spigrp.linux.NetlinkListener;
import org.spigrp.linux.NetlinkMonitor;
import org.spigrp.linux.Poller;
import org.spigrp.linux.RawPort;
import org.spigrp.linux.Routes;
import org.spigrp.linux.TunPort;
import org.spigrp.linux.Turns;
import org.spigrp.linux.UdpPort;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Prefix;

/** The machine that this process runs on, in its network namespace. */
final class LinuxMachine implements Machine {
    /** Larger metrics lose: any route of a person's comes before ours. */
    static final long GUARD_METRIC = 0xffff_fffeL;

    private final Poller poller = new Poller();
    private final NetlinkMonitor monitor;
    private final List<NetworkNews> news = new ArrayList<>();
    private final Set<Right> rights = EnumSet.noneOf(Right.class);
    /** Of interfaces, by index: asking the kernel would take a descriptor, and may come too late. */
    private final Map<Integer, String> names = new HashMap<>();
    /** Source addresses that routes to single hosts prefer. */
    private final Map<HostRoute, IpAddress> preferred = new HashMap<>();

    private record HostRoute(Prefix host, String device) {}

    private boolean namesMissed;
    private boolean six;
    private boolean closed;

    private final NetlinkListener listener = new NetlinkListener() {
        @Override
        public void link(Link link) {
            String before = names.put(link.index(), link.name());
            if (before != null && !before.equals(link.name())) { // who knows it by that name has lost it
                news.add(new NetworkNews.Link(before, false, false));
            }
            news.add(new NetworkNews.Link(link.name(), true, link.up()));
        }

        @Override
        public void linkRemoved(Link link) {
            names.remove(link.index());
            news.add(new NetworkNews.Link(link.name(), false, false));
        }

        @Override
        public void addressAdded(LocalAddress address) {
            news.add(new NetworkNews.Addresses());
        }

        @Override
        public void addressRemoved(LocalAddress address) {
            news.add(new NetworkNews.Addresses());
        }

        @Override
        public void routeAdded(KernelRoute route) {
            String device = deviceOf(route);
            if (device != null) {
                prefer(route, device);
                news.add(new NetworkNews.RouteCame(device, route.destination()));
            }
        }

        @Override
        public void routeRemoved(KernelRoute route) {
            String device = deviceOf(route);
            if (device != null) {
                preferred.remove(new HostRoute(route.destination(), device), route.source());
                news.add(new NetworkNews.RouteGone(device, route.destination(), isUp(device)));
            }
        }

        @Override
        public void resync() {
            namesMissed = true;
            news.add(new NetworkNews.Everything());
        }
    };

    LinuxMachine() {
        monitor = ask(NetlinkMonitor::new);
        for (Link link : ask(Links::all)) {
            names.put(link.index(), link.name());
        }
        poller.add(monitor.descriptor());
        for (Right right : Right.values()) {
            if (Privileges.have(right)) {
                rights.add(right);
            }
        }
    }

    /** Some news of links were lost: they follow from what there is now. */
    private void relist() {
        List<Link> all;
        try {
            all = Links.all();
        } catch (KernelTrouble later) {
            return;
        }
        namesMissed = false;
        Map<Integer, String> before = Map.copyOf(names);
        names.clear();
        for (Link link : all) {
            names.put(link.index(), link.name());
        }
        before.forEach((index, name) -> {
            if (!name.equals(names.get(index))) {
                news.add(new NetworkNews.Link(name, false, false));
            }
        });
        for (Link link : all) {
            news.add(new NetworkNews.Link(link.name(), true, link.up()));
        }
    }

    private void prefer(KernelRoute route, String device) {
        IpAddress source = route.source();
        if (source == null) {
            preferred.remove(new HostRoute(route.destination(), device));
        } else if (isHost(route.destination())) {
            preferred.put(new HostRoute(route.destination(), device), source);
        }
    }

    private static <T> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (KernelTrouble trouble) {
            throw new Trouble(trouble.say());
        }
    }

    private static void tell(Runnable order) {
        try {
            order.run();
        } catch (KernelTrouble trouble) {
            throw new Trouble(trouble.say());
        }
    }

    private Port opened(Supplier<? extends KernelPort> open) {
        KernelPort port = ask(open::get);
        poller.add(port);
        return new Watched(port);
    }

    /** A port that the poller waits for, until it is closed: a closed one with packets left would end every wait. */
    private final class Watched implements Port {
        private final KernelPort port;
        private final int descriptor;

        Watched(KernelPort port) {
            this.port = port;
            descriptor = port.descriptor();
        }

        @Override
        public int receive(Packet[] batch) {
            return !poller.isReadable(descriptor) && !port.isPending() ? 0 : port.receive(batch);
        }

        @Override
        public void send(Packet[] batch, int count) {
            port.send(batch, count);
        }

        @Override
        public long refused() {
            return port.refused();
        }

        @Override
        public void close() {
            if (!closed) {
                poller.remove(port);
            }
            port.close();
        }
    }

    @Override
    public boolean may(Right right) {
        return rights.contains(right);
    }

    @Override
    public Port tun(String name) {
        return opened(() -> TunPort.open(name, true));
    }

    @Override
    public void removeTun(String name) {
        tell(() -> TunPort.remove(name));
    }

    @Override
    public Port raw(Family family, String device) {
        return opened(() -> RawPort.open(family, device));
    }

    @Override
    public Port udp(Family family, String device, int port) {
        return opened(() -> UdpPort.open(family, device, port));
    }

    @Override
    public Port icmp(Family family, String device) {
        return opened(() -> IcmpPort.open(family, device));
    }

    @Override
    public int mtu(String device) {
        try {
            return Links.index(device) == 0 ? 0 : Links.mtu(device);
        } catch (KernelTrouble gone) {
            return 0; // between the two questions
        }
    }

    @Override
    public void mtu(String device, int octets) {
        tell(() -> Links.setMtu(device, octets));
    }

    @Override
    public boolean isUp(String device) {
        try {
            return Links.index(device) != 0 && Links.isUp(device);
        } catch (KernelTrouble gone) {
            return false;
        }
    }

    @Override
    public boolean has(Family family) {
        if (family == Family.INET) {
            return true;
        }
        try {
            Path off = Path.of("/proc/sys/net/ipv6/conf/all/disable_ipv6");
            six = Files.exists(Path.of("/proc/net/if_inet6"))
                    && Files.readString(off).strip().equals("0");
        } catch (IOException e) {
            // a kernel without IPv6 has no such file; where it cannot be read now it is as it was
        }
        return six;
    }

    @Override
    public Set<IpAddress> localAddresses() {
        var addresses = new HashSet<IpAddress>();
        for (LocalAddress local : ask(Addresses::local)) {
            addresses.add(local.address());
        }
        return addresses;
    }

    @Override
    public List<Prefix> routesTo(String device) {
        int index = Links.index(device);
        var networks = new ArrayList<Prefix>();
        if (index != 0) {
            for (KernelRoute route : ask(() -> Routes.of(index))) {
                if (route.type() == KernelRoute.UNICAST && !route.isHostCopy()) {
                    prefer(route, device);
                    networks.add(route.destination());
                }
            }
        }
        return networks;
    }

    @Override
    public Set<Prefix> guards() {
        var networks = new HashSet<Prefix>();
        for (KernelRoute route : ask(Routes::unreachable)) {
            networks.add(route.destination());
        }
        return networks;
    }

    @Override
    public void addGuard(Prefix network, String device) {
        tell(() -> {
            if (isHost(network)) {
                IpAddress source = preferred.get(new HostRoute(network, device));
                HostRoutes.guard(network, Links.index(device), source, GUARD_METRIC);
            } else {
                Routes.addUnreachable(network, GUARD_METRIC);
            }
        });
    }

    private static boolean isHost(Prefix network) {
        return network.bits() == network.family().bits();
    }

    @Override
    public void removeGuard(Prefix network) {
        tell(() -> {
            if (isHost(network)) {
                HostRoutes.release(network, GUARD_METRIC);
            } else {
                Routes.removeUnreachable(network, GUARD_METRIC);
            }
        });
    }

    @Override
    public void look() {
        poller.look();
    }

    @Override
    public List<NetworkNews> news() {
        if (!poller.isReadable(monitor.descriptor()) && !namesMissed) {
            return List.of();
        }
        monitor.drain(listener);
        if (namesMissed) {
            relist();
        }
        if (news.isEmpty()) {
            return List.of();
        }
        List<NetworkNews> taken = List.copyOf(news);
        news.clear();
        return taken;
    }

    @Override
    public void await(long nanos) {
        poller.await(nanos);
    }

    @Override
    public void hurry() {
        Turns.makeShort();
    }

    @Override
    public void wake() {
        poller.wake();
    }

    @Override
    public void close() {
        closed = true;
        monitor.close();
        poller.close();
    }

    /** The device of a route that packets take; null for others, and where it is gone. */
    private @Nullable String deviceOf(KernelRoute route) {
        return route.type() == KernelRoute.UNICAST && !route.isHostCopy() ? names.get(route.interfaceIndex()) : null;
    }
}
