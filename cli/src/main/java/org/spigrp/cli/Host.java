package org.spigrp.cli;

import java.nio.file.Path;
import java.util.List;
import org.spigrp.wire.IpAddress;

/** The machine that a command runs on, as far as commands ask for it. */
public interface Host {
    /** The superuser's state is the machine's. */
    boolean isSuperuser();

    /** Whether a person watches what is written to file descriptor 1 (stdout) or 2 (stderr). */
    boolean isWatched(int descriptor);

    /** The name of this host, for {@code look}. */
    String name();

    /** All addresses of a host name, of both families; empty if it is not known. May take long: see {@link Names}. */
    List<IpAddress> addressesOf(String name);

    /** The addresses of this host. */
    List<IpAddress> localAddresses();

    /** The MTU of one of this host's interfaces, 0 if there is none of that name. */
    int mtuOf(String networkInterface);

    /** The root of its files: /etc, /proc and /dev are below. */
    Path files();
}
