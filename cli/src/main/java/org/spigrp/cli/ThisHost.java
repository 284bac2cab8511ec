package org.spigrp.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.spigrp.wire.IpAddress;

/** The machine that this process runs on. */
final class ThisHost implements Host {
    @Override
    public boolean isSuperuser() {
        return System.getProperty("user.name", "").equals("root"); // the JVM asks the system for the name of the uid
    }

    /** What a descriptor is a link to tells a terminal from a file or pipe, without native code. */
    @Override
    public boolean isWatched(int descriptor) {
        String kind = System.getenv("TERM");
        if (kind == null || kind.equals("dumb")) {
            return false;
        }
        try {
            String target = Path.of("/proc/self/fd", Integer.toString(descriptor))
                    .toRealPath()
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public String name() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "localhost";
        }
    }

    @Override
    public List<IpAddress> addressesOf(String name) {
        try {
            var found = new ArrayList<IpAddress>();
            for (InetAddress address : InetAddress.getAllByName(name)) {
                found.add(IpAddress.of(address.getAddress()));
            }
            return found;
        } catch (UnknownHostException e) {
            return List.of();
        }
    }

    @Override
    public List<IpAddress> localAddresses() {
        var found = new ArrayList<IpAddress>();
        try {
            for (var interfaces = NetworkInterface.getNetworkInterfaces(); interfaces.hasMoreElements(); ) {
                for (var addresses = interfaces.nextElement().getInetAddresses(); addresses.hasMoreElements(); ) {
                    found.add(IpAddress.of(addresses.nextElement().getAddress()));
                }
            }
        } catch (SocketException e) {
            return List.of(); // no interfaces to ask: nothing is local, and --direction can say otherwise
        }
        return found;
    }

    @Override
    public int mtuOf(String networkInterface) {
        try {
            String mtu = Files.readString(Path.of("/sys/class/net", networkInterface, "mtu"))
                    .strip();
            return Integer.parseInt(mtu);
        } catch (IOException | InvalidPathException | NumberFormatException e) {
            return 0;
        }
    }

    @Override
    public Path files() {
        return Path.of("/");
    }
}
