package org.spigrp.daemon;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.spigrp.command.Release;
import org.spigrp.command.Stop;
import org.spigrp.store.Store;
import org.spigrp.store.StoreTrouble;

/**
 * {@code ipsec run}: the live stack in the foreground. Says {@code ready} on stdout when traffic flows; what happens
 * goes to stderr, a line each. Ended by SIGTERM or SIGINT it leaves the virtual interfaces for its successor; {@code
 * ipsec setup stop} says otherwise.
 */
public final class Main {
    private static final int REFUSED = 1;
    private static final int FAILED = 2;
    private static final int INTERNAL = 70;
    private static final int TERMINATED_SECONDS = 20;

    private Main() {}

    /** Runs until it is told to stop, and ends the process. */
    public static void main(String[] args) {
        PrintStream err = stream(FileDescriptor.err);
        int exit = run(List.of(args), System.getenv(), stream(FileDescriptor.out), err);
        err.flush();
        Runtime.getRuntime().halt(exit);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    static int run(List<String> words, Map<String, String> variables, PrintStream out, PrintStream err) {
        try {
            RunOptions options = RunWords.read(words, variables, isRoot());
            serve(options, out, err);
            return 0;
        } catch (RunWords.Wrong wrong) {
            return end(err, wrong.say(), REFUSED);
        } catch (StoreTrouble trouble) {
            return end(err, trouble.say(), FAILED);
        } catch (Machine.Trouble trouble) {
            return end(err, trouble.say(), FAILED);
        } catch (ControlTrouble trouble) {
            return end(err, trouble.say(), FAILED);
        } catch (RuntimeException | Error e) { // the last resort: nobody sees a trace that he did not ask for
            if (variables.containsKey("IPSEC_DEBUG")) {
                e.printStackTrace(err);
            }
            StackTraceElement[] trace = e.getStackTrace();
            return end(
                    err,
                    "internal error: " + e.getClass().getName() + " at "
                            + (trace.length == 0 ? "an unknown place" : trace[0])
                            + " - please report it; IPSEC_DEBUG=1 shows more",
                    INTERNAL);
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name", "").equals("root");
    }

    private static int end(PrintStream err, String say, int exit) {
        err.println("ipsec run: " + say);
        return exit;
    }

    private static void serve(RunOptions options, PrintStream out, PrintStream err) {
        var random = new SecureRandom();
        InstantSource wall = InstantSource.system();
        var over = new CountDownLatch(1);
        Privileges.tell(line -> log(err, line));
        // the socket first: commands that come now wait for us, and a second daemon is refused by it and by the lock
        try (ControlServer control = ControlServer.bind(options.runDirectory(), options.group());
                Store store = Store.open(options.stateDirectory(), Store.Mode.WRITE, random, wall);
                Machine machine = new LinuxMachine();
                Live live = new Live(
                        store,
                        machine,
                        wall,
                        System::nanoTime,
                        random,
                        options,
                        Release.line(),
                        line -> log(err, line))) {
            Thread hook = Thread.ofPlatform().unstarted(() -> {
                live.stop(Stop.RESTART);
                await(over);
            });
            Runtime.getRuntime().addShutdownHook(hook);
            live.start();
            Thread.ofVirtual().name("control").start(() -> control.serve(live));
            out.println("ready");
            closeQuietly(out);
            live.run();
        } finally {
            over.countDown();
        }
    }

    /** Who started us has read what he waited for; nothing more is written to a pipe that nobody reads. */
    private static void closeQuietly(OutputStream out) {
        try {
            out.close();
        } catch (IOException e) {
            // nobody was there to read it
        }
    }

    private static void await(CountDownLatch over) {
        try {
            if (!over.await(TERMINATED_SECONDS, TimeUnit.SECONDS)) {
                return; // it hangs: better an end without the exact numbers than none
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void log(PrintStream err, String line) {
        err.println(line);
    }
}
