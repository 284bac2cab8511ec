package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Our stack in a namespace, by {@code ./ipsec} of this checkout and {@code ip}, as an administrator sets it up. Its state is
 * a new directory.
 */
final class Gateway implements Place, AutoCloseable {
    private static final Path CHECKOUT = Path.of(System.getProperty("spigrp.checkout"));
    private static final String IPSEC = CHECKOUT.resolve("ipsec").toString();

    private static final int NOBODY = 65534;

    private final Namespace space;
    private final Path directory;
    private final Plan.Side side;
    private final List<String> addresses;
    /** What runs our commands; empty = nobody does. */
    private final List<String> by;

    private @Nullable Running running;

    private Gateway(Namespace space, Plan.Side side, List<String> addresses, Path job, List<String> by) {
        this.space = space;
        this.side = side;
        this.addresses = addresses;
        this.by = by;
        try {
            directory = Files.createTempDirectory(job, space.name() + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts the daemon and attaches ipsec0 to eth0.
     *
     * @param addresses the gateway's public ones, which ipsec0 has as well
     */
    static Gateway start(Namespace space, Plan.Side side, List<String> addresses, Path job) {
        var gateway = new Gateway(space, side, addresses, job, List.of());
        gateway.ipsec("setup", "start").succeeds();
        return gateway.attach();
    }

    /** The same in the foreground, with options of {@code ipsec run}. */
    static Gateway run(Namespace space, Plan.Side side, List<String> addresses, Path job, String... options) {
        var gateway = new Gateway(space, side, addresses, job, List.of());
        gateway.runAgain(options);
        return gateway.attach();
    }

    /**
     * By the user nobody, without any right: root has made ipsec0 for him beforehand. On some machines only root may open
     * /dev/net/tun, which is no more than a habit; here he sees one that all may.
     */
    static Gateway rootless(Namespace space, Plan.Side side, Path job) {
        var becomeNobody = ("setpriv --reuid=" + NOBODY + " --regid=" + NOBODY
                        + " --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs")
                .split(" ", -1);
        var by = new ArrayList<>(List.of("unshare", "-m", "sh", "-c"));
        by.add("mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200 && exec \"$@\"");
        by.add("sh");
        by.addAll(List.of(becomeNobody));
        var gateway = new Gateway(space, side, List.of(), job, by);
        try {
            Files.setPosixFilePermissions(job, PosixFilePermissions.fromString("rwx--x--x"));
            Files.setAttribute(gateway.directory, "unix:uid", NOBODY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        space.sh("ip tuntap add dev ipsec0 mode tun vnet_hdr user " + NOBODY + "; ip link set ipsec0 mtu 1400");
        gateway.runAgain();
        return gateway.attach();
    }

    /** In the foreground by another program, which gets the words of the command; nothing is attached. */
    static Gateway runBy(List<String> program, Namespace space, Plan.Side side, Path job) {
        var gateway = new Gateway(space, side, List.of(), job, List.of());
        var words = new ArrayList<>(program);
        words.addAll(List.of(IPSEC, "run"));
        gateway.ready(gateway.start(words));
        return gateway;
    }

    /** Starts a daemon on the same state. */
    void runAgain(String... options) {
        var words = new ArrayList<>(List.of("run"));
        words.addAll(List.of(options));
        ready(launch(words.toArray(String[]::new)));
    }

    private void ready(Running daemon) {
        running = daemon;
        daemon.awaitLine("^ready$");
    }

    /** As with KLIPS: attached, the same addresses as the physical interface, up. */
    private Gateway attach() {
        try {
            ipsec("tncfg", "--attach", "--virtual", "ipsec0", "--physical", "eth0")
                    .succeeds();
            up();
            return this;
        } catch (AssertionError e) {
            close(); // nobody has it yet who could
            throw e;
        }
    }

    private void up() {
        var lines = new StringBuilder("set -e\n");
        addresses.forEach(a ->
                lines.append("ip addr add " + Plan.host(a) + " dev ipsec0" + (a.contains(":") ? " nodad" : "") + "\n"));
        space.sh(lines + "ip link set ipsec0 up");
    }

    /** Makes the groups of the plan, and sends what it protects to ipsec0. */
    Gateway follow(Plan plan) {
        return follow(plan, line -> line);
    }

    /** @param edit may change a line of the script */
    Gateway follow(Plan plan, UnaryOperator<String> edit) {
        try {
            script(Ours.lines(plan, side).stream().map(edit).toList());
            route(plan);
            return this;
        } catch (AssertionError e) {
            close(); // nobody has it yet who could
            throw e;
        }
    }

    /** After a stop has taken ipsec0 away: the administrator's commands for it once more. */
    void attachAgain(Plan plan) {
        up();
        route(plan);
    }

    private void route(Plan plan) {
        Flow sent = plan.sentBy(side);
        String source = sent.tunnel() ? "" : " src " + sent.from().replaceAll("/.*", "");
        space.sh("ip route add " + sent.to() + " dev ipsec0" + source);
    }

    /** Waits until the daemon in the foreground says it, anew. */
    void awaitOutput(String text) {
        Objects.requireNonNull(running).awaitLine(Pattern.quote(text));
    }

    /** What the daemon in the foreground has said. */
    String output() {
        return running == null ? log() : running.out();
    }

    /** Another plan, and nothing of the one before it but the running stack. */
    void forget(Plan plan) {
        space.sh("ip route del " + plan.sentBy(side).to() + " dev ipsec0");
        script(List.of("eroute --clear", "spi --clear"));
    }

    /** All lines in one transaction. */
    void script(List<String> lines) {
        tryScript(lines).succeeds();
    }

    Ran tryScript(List<String> lines) {
        try {
            Path file = Files.createTempFile(directory, "script", "");
            Files.writeString(file, String.join("\n", lines) + "\n");
            Files.setAttribute(file, "unix:uid", Files.getAttribute(directory, "unix:uid"));
            return ipsec("-f", file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Ran ipsec(String... words) {
        return launch(words).end();
    }

    /** A command that runs on, such as {@code watch}. */
    Running launch(String... words) {
        var line = new ArrayList<>(by);
        line.add(IPSEC);
        line.addAll(List.of(words));
        return start(line);
    }

    private Running start(List<String> words) {
        return space.start(
                Map.of("IPSEC_STATE", directory.resolve("state").toString(), "IPSEC_USER", "root", "IPSEC_RUN", ""),
                directory,
                words);
    }

    /** Another client of the daemon's control socket, which says nothing. */
    SocketChannel client() {
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(
                    directory.resolve("state").resolve("run").resolve("control")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Ran run(String shell) {
        return space.run(shell);
    }

    Namespace space() {
        return space;
    }

    /** The daemon's process. */
    long pid() {
        List<Long> found = space.pids().stream()
                .filter(pid -> commandLine(pid).contains("org.spigrp.daemon.Main"))
                .toList();
        assertThat(found).as("daemons in %s", space.name()).hasSize(1);
        return found.getFirst();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            return ""; // it has just ended
        }
    }

    /** As a power cut would, but that the kernel lives. */
    void kill() {
        ProcessHandle daemon = ProcessHandle.of(pid()).orElseThrow();
        assertThat(daemon.destroyForcibly()).isTrue();
        // not our child: gone when nobody of this namespace is it
        daemon.onExit().join();
    }

    /** The failure with what the gateways have to say to it. */
    static AssertionError told(AssertionError e, Gateway... gateways) {
        var text = new StringBuilder(String.valueOf(e.getMessage()));
        for (Gateway gateway : gateways) {
            text.append("\n")
                    .append(gateway.space().name())
                    .append(": ")
                    .append(gateway.output())
                    .append(gateway.ipsec("look").out());
        }
        return new AssertionError(text.toString(), e);
    }

    /** What it said, for the messages of failed assertions. */
    String log() {
        try {
            return Files.readString(directory.resolve("state").resolve("run").resolve("log"));
        } catch (IOException e) {
            return "no log: " + e.getMessage();
        }
    }

    /** Stops the daemon, and takes back what the administrator and it did to the namespace. */
    @Override
    public void close() {
        Ran ran = ipsec("setup", "stop", "--open");
        space.run("ip link del ipsec0 2> /dev/null");
        if (running != null) {
            running.close();
        }
        ran.succeeds();
    }
}
