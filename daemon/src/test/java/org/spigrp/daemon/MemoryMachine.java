package org.spigrp.daemon;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.spigrp.engine.MemoryPort;
import org.spigrp.engine.Port;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

/** A machine in memory: devices are queues, routes are sets, and everything can be taken away. */
final class MemoryMachine implements Machine {
    final Map<String, MemoryPort> tuns = new HashMap<>();
    final Map<String, MemoryPort> raws = new HashMap<>();
    final Map<String, MemoryPort> udps = new HashMap<>();
    final Map<String, MemoryPort> icmps = new HashMap<>();
    final Map<String, Integer> mtus = new HashMap<>();
    final Map<String, List<Prefix>> routes = new HashMap<>();
    final Set<Prefix> guards = new LinkedHashSet<>();
    final Set<IpAddress> addresses = new HashSet<>();
    final Set<Family> families = new HashSet<>(Set.of(Family.values()));
    final Set<Integer> takenPorts = new HashSet<>();
    /** Physical interfaces that refuse raw sockets. */
    final Set<String> closed = new HashSet<>();

    final Set<Right> rights = new HashSet<>(Set.of(Right.values()));
    /** No descriptor is left to ask or tell it anything about addresses and routes. */
    boolean deaf;

    final Set<String> removed = new HashSet<>();
    final List<NetworkNews> news = new ArrayList<>();

    MemoryMachine(IpAddress... own) {
        mtus.put("eth0", 1500);
        addresses.addAll(List.of(own));
    }

    MemoryPort raw(String device) {
        return Objects.requireNonNull(raws.get(device + Family.INET));
    }

    @Override
    public boolean may(Right right) {
        return rights.contains(right);
    }

    @Override
    public Port tun(String name) {
        mtus.putIfAbsent(name, 1500);
        removed.remove(name);
        return tuns.compute(name, (_, _) -> new MemoryPort());
    }

    @Override
    public void removeTun(String name) {
        removed.add(name);
        mtus.remove(name);
        routes.remove(name);
    }

    @Override
    public Port raw(Family family, String device) {
        if (closed.contains(device)) {
            throw new Trouble("not permitted: raw sockets on " + device);
        }
        return raws.compute(device + family, (_, _) -> new MemoryPort());
    }

    @Override
    public Port udp(Family family, String device, int port) {
        if (takenPorts.contains(port)) {
            throw new Trouble("UDP port " + port + " is held by charon (process 7): give another port");
        }
        return udps.compute(device + family + port, (_, _) -> new MemoryPort());
    }

    @Override
    public Port icmp(Family family, String device) {
        return icmps.compute(device + family, (_, _) -> new MemoryPort());
    }

    @Override
    public int mtu(String device) {
        return mtus.getOrDefault(device, 0);
    }

    @Override
    public void mtu(String device, int octets) {
        mtus.put(device, octets);
    }

    @Override
    public boolean isUp(String device) {
        return mtus.containsKey(device);
    }

    @Override
    public boolean has(Family family) {
        return families.contains(family);
    }

    @Override
    public Set<IpAddress> localAddresses() {
        hear();
        return Set.copyOf(addresses);
    }

    @Override
    public List<Prefix> routesTo(String device) {
        hear();
        return routes.getOrDefault(device, List.of());
    }

    @Override
    public Set<Prefix> guards() {
        return Set.copyOf(guards);
    }

    @Override
    public void addGuard(Prefix network, String device) {
        hear();
        guards.add(network);
    }

    @Override
    public void removeGuard(Prefix network) {
        guards.remove(network);
    }

    @Override
    public void look() {}

    @Override
    public List<NetworkNews> news() {
        List<NetworkNews> taken = List.copyOf(news);
        news.clear();
        return taken;
    }

    @Override
    public void await(long nanos) {
        throw new AssertionError("a test turns the loop by hand");
    }

    private void hear() {
        if (deaf) {
            throw new Trouble("cannot open a netlink socket: too many files are open in this process");
        }
    }

    @Override
    public void hurry() {}

    @Override
    public void wake() {}

    @Override
    public void close() {}
}
