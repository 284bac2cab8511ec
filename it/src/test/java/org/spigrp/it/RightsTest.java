package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With which rights the live stack runs when root starts it: those of an ordinary user, CAP_NET_ADMIN and CAP_NET_RAW.
 * In a network namespace of its own, as a user that is made for the test.
 */
class RightsTest {
    private static final Path CHECKOUT = Path.of(System.getProperty("spigrp.checkout"));
    private static final Path TUN = Path.of("/dev/net/tun");
    private static final String BOTH = "0000000000003000";

    @TempDir
    Path temporary;

    private final String user = "spigrp-it-" + ProcessHandle.current().pid();
    private final Map<String, String> variables = new HashMap<>();
    private final List<Process> started = new ArrayList<>();
    private Path state = Path.of("");
    private Map<String, Object> tun = Map.of();

    private record Ran(int exit, String out) {}

    private Ran run(String... line) throws IOException, InterruptedException {
        Path out = Files.createTempFile(temporary, "out", "");
        var builder = new ProcessBuilder(line)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(variables);
        int exit = builder.start().waitFor();
        return new Ran(exit, Files.readString(out, StandardCharsets.UTF_8));
    }

    private void succeeds(String... line) throws IOException, InterruptedException {
        Ran ran = run(line);
        assertThat(ran.exit).as("%s: %s", List.of(line), ran.out).isZero();
    }

    @BeforeEach
    void prepare() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root has rights to give up");
        assumeTrue(Files.exists(TUN), "needs /dev/net/tun (modprobe tun)");
        assumeTrue(run("unshare", "-n", "true").exit == 0, "needs network namespaces, which unshare refuses here");
        tun = Files.readAttributes(TUN, "unix:mode,gid");
        succeeds("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", user);
        assumeTrue(
                run("setpriv", "--reuid=" + user, "--clear-groups", "test", "-x", CHECKOUT.toString()).exit == 0,
                "the checkout is closed to other users");
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
        state = temporary.resolve("state");
        variables.putAll(Map.of("IPSEC_STATE", state.toString(), "IPSEC_USER", user, "LC_ALL", "C.UTF-8"));
        succeeds(CHECKOUT.resolve("ipsec").toString(), "--version");
    }

    @AfterEach
    void leaveNothing() throws Exception {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
        if (!tun.isEmpty()) {
            Files.setAttribute(TUN, "unix:gid", tun.get("gid"));
            Files.setAttribute(TUN, "unix:mode", tun.get("mode"));
            run("userdel", user);
        }
    }

    /** The process of the launcher becomes the JVM: its number does not change. */
    private Process start(Path err) throws IOException {
        var builder = new ProcessBuilder(
                        "unshare", "-n", CHECKOUT.resolve("ipsec").toString(), "run")
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(variables);
        Process process = builder.start();
        started.add(process);
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        assertThat(out.readLine()).as(Files.readString(err)).isEqualTo("ready");
        return process;
    }

    /** In the network of the daemon. */
    private void there(Process daemon, String words) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("nsenter", "-n", "-t", Long.toString(daemon.pid())));
        line.addAll(
                List.of(words.replace("ipsec ", CHECKOUT.resolve("ipsec") + " ").split(" ", -1)));
        succeeds(line.toArray(String[]::new));
    }

    private static Map<String, String> status(Path file) throws IOException {
        var values = new TreeMap<String, String>();
        for (String line : Files.readAllLines(file)) {
            int colon = line.indexOf(':');
            values.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        return values;
    }

    private static int number(Path file, String attribute) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:" + attribute);
    }

    private List<Path> files() throws IOException {
        try (var all = Files.walk(state)) {
            return all.toList();
        }
    }

    @Test
    void every_thread_has_two_capabilities_of_roots_and_nothing_else() throws Exception {
        Path err = temporary.resolve("err");
        succeeds(CHECKOUT.resolve("ipsec").toString(), "klipsdebug", "--set", "spi"); // root's files are there before
        Process daemon = start(err);
        there(daemon, "ip link add west0 type veth peer name east0");
        there(daemon, "ip addr add 192.0.2.1/24 dev west0");
        there(daemon, "ip link set west0 up");
        there(daemon, "ip link set east0 up");
        there(daemon, "ipsec tncfg --attach --virtual ipsec0 --physical west0");
        there(daemon, "ip link set ipsec0 up mtu 1400");

        int uid = Integer.parseInt(run("id", "-u", user).out.strip());
        Path process = Path.of("/proc", Long.toString(daemon.pid()));
        int threads = 0;
        try (var tasks = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path task : tasks) {
                Map<String, String> status = status(task.resolve("status"));
                assertThat(status)
                        .as("thread %s", status.get("Name"))
                        .containsEntry("CapInh", BOTH)
                        .containsEntry("CapPrm", BOTH)
                        .containsEntry("CapEff", BOTH)
                        .containsEntry("CapBnd", BOTH)
                        .containsEntry("CapAmb", BOTH)
                        .containsEntry("NoNewPrivs", "1")
                        .containsEntry("Uid", "%1$d\t%1$d\t%1$d\t%1$d".formatted(uid));
                threads++;
            }
        }
        assertThat(threads).as("threads of a JVM").isGreaterThan(5);
        assertThat(Files.readString(err)).contains("cap_net_admin and cap_net_raw only");

        var open = new ArrayList<String>();
        try (var descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                open.add(Files.readSymbolicLink(descriptor).toString());
            }
        }
        assertThat(open).as("the TUN device is open").contains(TUN.toString());
        assertThat(Files.readAllLines(process.resolve("net/raw")))
                .as("raw sockets")
                .hasSizeGreaterThan(1);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                .isEqualTo("rwx------");
        assertThat(files()).contains(state.resolve("tables"), state.resolve("run/control"));
        for (Path file : files()) {
            assertThat(number(file, "uid")).as(file.toString()).isEqualTo(uid);
        }

        succeeds(CHECKOUT.resolve("ipsec").toString(), "setup", "stop"); // root may
        assertThat(daemon.waitFor()).as(Files.readString(err)).isZero();
        succeeds(CHECKOUT.resolve("ipsec").toString(), "klipsdebug", "--none");
        for (Path file : files()) {
            assertThat(number(file, "uid")).as("%s, after root's command", file).isEqualTo(uid);
        }
        assertThat(start(err).isAlive()).isTrue();
    }

    /** What a later backend needs: the kernel's own IPsec. */
    @Test
    void an_xfrm_socket_may_be_used_with_these_rights() throws Exception {
        assumeTrue(run("ip", "xfrm", "state").exit == 0, "this kernel has no XFRM, or no ip command");
        var line = new ArrayList<>(List.of("unshare", "-n", "setpriv", "--reuid=" + user, "--clear-groups"));
        for (String set : List.of("bounding-set", "inh-caps", "ambient-caps")) {
            line.add("--" + set + "=-all,+net_admin,+net_raw");
        }
        line.addAll(List.of("--no-new-privs", "ip", "xfrm", "state"));
        succeeds(line.toArray(String[]::new));
        line.replaceAll(word -> word.replace("+net_admin,", ""));
        assertThat(run(line.toArray(String[]::new)).exit)
                .as("without CAP_NET_ADMIN")
                .isNotZero();
    }

    @Test
    void a_user_that_does_not_exist_is_refused() throws Exception {
        variables.put("IPSEC_USER", user + "x");
        Ran ran = run(CHECKOUT.resolve("ipsec").toString(), "run");
        assertThat(ran.exit).isEqualTo(2);
        assertThat(ran.out).startsWith("ipsec run: ").contains("no user " + user + "x", "IPSEC_USER=root");
        assertThat(state).doesNotExist();
    }

    @Test
    void a_directory_of_others_is_not_given_away() throws Exception {
        Files.createDirectory(state);
        Files.writeString(state.resolve("thesis"), "mine");
        Ran ran = run(CHECKOUT.resolve("ipsec").toString(), "run");
        assertThat(ran.exit).isEqualTo(2);
        assertThat(ran.out).startsWith("ipsec run: ").contains(user, state.toString(), "files of others");
        assertThat(number(state, "uid")).isZero();
        assertThat(number(state.resolve("thesis"), "uid")).isZero();
    }

    @Test
    void a_link_of_the_user_is_not_followed() throws Exception {
        Path treasure = Files.createDirectory(temporary.resolve("treasure"));
        Files.createDirectory(state);
        Files.createSymbolicLink(state.resolve("run"), treasure);
        Ran ran = run(CHECKOUT.resolve("ipsec").toString(), "run");
        assertThat(ran.exit).as(ran.out).isEqualTo(2);
        assertThat(number(treasure, "uid")).isZero();
    }

    @Test
    void root_that_stays_root_is_told_what_it_kept() throws Exception {
        variables.put("IPSEC_USER", "root");
        Path err = temporary.resolve("err");
        Process daemon = start(err);
        assertThat(Files.readString(err)).contains("more than needed", "useradd --system", "spigrp");
        assertThat(number(state.resolve("tables"), "uid")).isZero();
        daemon.destroy();
        daemon.waitFor();
    }

    @Test
    void the_unit_and_the_launcher_agree() throws IOException {
        var unit = new TreeMap<String, String>();
        for (String line : Files.readAllLines(CHECKOUT.resolve("packaging/ipsec.service"))) {
            if (line.contains("=") && !line.startsWith("#")) {
                unit.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
            }
        }
        String launcher = Files.readString(CHECKOUT.resolve("ipsec"));
        Set<String> both = Set.of("CAP_NET_ADMIN", "CAP_NET_RAW");
        assertThat(Set.of(unit.get("AmbientCapabilities").split(" ", -1))).isEqualTo(both);
        assertThat(Set.of(unit.get("CapabilityBoundingSet").split(" ", -1))).isEqualTo(both);
        assertThat(launcher).contains("-all,+net_admin,+net_raw", "--no-new-privs");
        assertThat(unit).containsEntry("NoNewPrivileges", "yes").doesNotContainKey("MemoryDenyWriteExecute");
        assertThat(launcher).contains("${IPSEC_USER:-" + unit.get("User") + "}");
        assertThat(unit.get("Environment").split(" ", -1))
                .contains("IPSEC_STATE=/var/lib/" + unit.get("StateDirectory"))
                .contains("IPSEC_RUN=/run/" + unit.get("RuntimeDirectory"))
                .allSatisfy(word -> assertThat(launcher).contains(word.replace("=", ":=")));
        assertThat(unit).containsEntry("StateDirectoryMode", "0700").containsEntry("RuntimeDirectoryMode", "0700");
        assertThat(unit.get("DeviceAllow")).isEqualTo(TUN + " rw");
        assertThat(unit.get("ExecStart")).contains("/ipsec run");
        assertThat(unit.get("ExecStop")).endsWith("/ipsec setup stop");
    }
}
