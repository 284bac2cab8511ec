package org.spigrp.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.ControlRequest;
import org.spigrp.command.Event;
import org.spigrp.command.Json;
import org.spigrp.command.JsonReader;
import org.spigrp.command.JsonValue;
import org.spigrp.command.Listing;
import org.spigrp.command.Outcome;
import org.spigrp.command.OutcomeJson;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.store.StoreTrouble;
import org.spigrp.wire.Parsed;

/**
 * One client of the control socket: its requests are served in order, one after the other, in a thread of its own. When
 * it vanishes, what was read whole is done, and the rest is forgotten.
 */
final class ControlConnection {
    private final SocketChannel channel;
    private final UnixDomainPrincipal peer;
    private final ControlAccess access;
    private final boolean mayChange;
    private final Desk desk;
    private final ControlLimits limits;
    private final ScheduledExecutorService alarm;
    private final Path directory;
    private final LineReader lines;
    private volatile boolean late;
    private volatile @Nullable EventQueue watching;

    /** What the transaction that is coming in has so far. */
    private List<Change> parts = new ArrayList<>();
    /** What was wrong with one of its lines: the whole of it will be refused. */
    private @Nullable String fault;

    ControlConnection(
            SocketChannel channel,
            UnixDomainPrincipal peer,
            ControlAccess access,
            Desk desk,
            ControlLimits limits,
            ScheduledExecutorService alarm,
            Path directory) {
        this.channel = channel;
        this.peer = peer;
        this.access = access;
        this.mayChange = access.of(peer) == ControlAccess.Right.CHANGE;
        this.desk = desk;
        this.limits = limits;
        this.alarm = alarm;
        this.directory = directory;
        this.lines = new LineReader(channel, limits.line());
    }

    /** Until the client goes, or is sent away. */
    void serve() throws IOException {
        try {
            for (byte[] line = next(); line != null && watching == null; line = next()) {
                serve(line);
            }
        } catch (LineReader.TooLong e) {
            error(null, e.getMessage() + ": a transaction may come in parts (apply-part)");
        }
        if (late) {
            error(
                    null,
                    "the line that had begun was not ended within "
                            + limits.lineTime().toSeconds() + " s");
        }
    }

    /** Lets the client take what is on its way, and then go. */
    void end() {
        EventQueue queue = watching;
        if (queue != null) {
            queue.end();
        } else {
            endInput();
        }
    }

    private void endInput() {
        try {
            channel.shutdownInput();
        } catch (IOException e) {
            close(); // not connected any more
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // it is gone all the same
        }
    }

    private byte @Nullable [] next() throws IOException {
        byte[] line = lines.line();
        if (line != null) {
            return line;
        }
        Future<?> patience = null;
        try {
            while (line == null) {
                if (patience == null && lines.hasBegun()) {
                    patience = after(limits.lineTime(), () -> {
                        late = true;
                        endInput();
                    });
                }
                if (!lines.more()) {
                    return null;
                }
                line = lines.line();
            }
            return line;
        } finally {
            if (patience != null) {
                patience.cancel(false);
            }
        }
    }

    private Future<?> after(Duration time, Runnable what) {
        return alarm.schedule(what, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void serve(byte[] line) throws IOException {
        switch (JsonReader.parse(line)) {
            case Parsed.Bad<JsonValue>(String why) -> {
                fault = "a line before it was " + why;
                error(null, why);
            }
            case Parsed.Ok<JsonValue>(JsonValue value) -> {
                Long id = ControlRequest.id(value);
                switch (ControlRequest.read(value)) {
                    case Parsed.Bad<ControlRequest>(String why) -> misunderstood(id, value, why);
                    case Parsed.Ok<ControlRequest>(ControlRequest request) -> guarded(id == null ? 0 : id, request);
                }
            }
        }
    }

    private void misunderstood(@Nullable Long id, JsonValue value, String why) throws IOException {
        if (isPart(value)) {
            fault = fault == null ? "part of it: " + why : fault;
        } else {
            forget();
            error(id, why);
        }
    }

    private static boolean isPart(JsonValue value) {
        return value instanceof JsonValue.Obj object
                && object.members().get("do") instanceof JsonValue.Text(String word)
                && word.equals("apply-part");
    }

    private void forget() {
        parts = new ArrayList<>();
        fault = null;
    }

    private void guarded(long id, ControlRequest request) throws IOException {
        if (request.isChange() && !mayChange) {
            error(id, access.denial(peer));
            return;
        }
        String trouble;
        try {
            serve(id, request);
            return;
        } catch (StoreTrouble e) {
            trouble = e.say();
        } catch (RuntimeException e) {
            StackTraceElement[] trace = e.getStackTrace();
            trouble = "internal error: " + e.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0])
                    + " - please report it";
        }
        answer(id, new Outcome.Failed(trouble));
    }

    private void serve(long id, ControlRequest request) throws IOException {
        switch (request) {
            case ControlRequest.ApplyPart(List<Change> changes) -> add(changes);
            case ControlRequest.Apply(List<Change> changes) -> apply(id, changes);
            case ControlRequest.Show(Listing what, boolean json) -> list(id, what, json);
            case ControlRequest.FindSa(Said said) -> {
                SecurityAssociation sa = desk.sa(said);
                found(id, sa == null ? null : sa.said(), sa == null ? 0 : sa.ref());
            }
            case ControlRequest.FindEroute(var selector) -> {
                Eroute eroute = desk.eroute(selector);
                found(id, eroute == null ? null : eroute.said(), 0);
            }
            case ControlRequest.FindGroup(String name) -> found(id, desk.groupNamed(name), 0);
            case ControlRequest.Status() -> send(answer(id).member("done", true).raw("status", desk.status()));
            case ControlRequest.ClearCounters() -> {
                desk.clearCounters();
                answer(id, Outcome.Done.QUIETLY);
            }
            case ControlRequest.End(var how) -> {
                answer(id, Outcome.Done.QUIETLY);
                desk.stop(how);
            }
            case ControlRequest.Watch(boolean debug) -> watch(id, debug);
        }
    }

    private void add(List<Change> changes) {
        if (fault == null && parts.size() + changes.size() > limits.changes()) {
            fault = "it has more than " + limits.changes() + " changes: make several of it";
            parts = new ArrayList<>();
        }
        if (fault == null) {
            parts.addAll(changes);
        }
    }

    private void apply(long id, List<Change> changes) throws IOException {
        add(changes);
        String wrong = fault;
        List<Change> all = parts;
        forget();
        if (wrong != null) {
            error(id, "nothing of this transaction was done: " + wrong);
        } else {
            answer(id, desk.apply(all));
        }
    }

    private void list(long id, Listing what, boolean json) throws IOException {
        try (Spool spool = new Spool(directory)) {
            desk.list(
                    what,
                    json,
                    line -> spool.line(answer(id).member("line", line).end().toString()));
            IOException trouble = spool.trouble();
            if (trouble != null) {
                answer(
                        id,
                        new Outcome.Failed("the listing found no room in " + directory + ": " + trouble.getMessage()));
                return;
            }
            spool.give(this::write);
        }
        answer(id, Outcome.Done.QUIETLY);
    }

    private void found(long id, @Nullable Said said, int ref) throws IOException {
        Json json = answer(id).member("done", true).member("said", said == null ? null : said.toString());
        send(ref == 0 ? json : json.member("saref", ref));
    }

    /** From here on the connection is for events alone: whatever else the client sends is not looked at. */
    private void watch(long id, boolean debug) throws IOException {
        var queue = new EventQueue(limits.events());
        watching = queue; // before the first event: from then on the end waits until all are told
        try (AutoCloseable _ = desk.watch(debug, queue::put)) {
            answer(id, Outcome.Done.QUIETLY);
            Thread.ofVirtual().name("control watcher").start(() -> tell(queue));
            ByteBuffer ignored = ByteBuffer.allocate(512);
            while (channel.read(ignored.clear()) >= 0) {}
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            queue.end();
        }
    }

    /** A watcher may be slow for as long as it likes: its queue is short. */
    private void tell(EventQueue queue) {
        try {
            for (List<Event> events = queue.take(); events != null; events = queue.take()) {
                var text = new StringBuilder();
                for (Event event : events) {
                    text.append(event.json()).append('\n');
                }
                writeAll(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            // it has gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    private static Json answer(@Nullable Long id) {
        var json = new Json().object();
        return id == null ? json : json.member("id", id);
    }

    private void answer(long id, Outcome outcome) throws IOException {
        Json json = answer(id);
        OutcomeJson.write(json, outcome);
        send(json);
    }

    private void error(@Nullable Long id, String say) throws IOException {
        send(answer(id).member("error", say));
    }

    private void send(Json json) throws IOException {
        write(ByteBuffer.wrap((json.end() + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /** Within the time that a client has to take it. */
    private void write(ByteBuffer octets) throws IOException {
        Future<?> patience = after(limits.writeTime(), this::close);
        try {
            writeAll(octets);
        } finally {
            patience.cancel(false);
        }
    }

    private void writeAll(ByteBuffer octets) throws IOException {
        while (octets.hasRemaining()) {
            channel.write(octets);
        }
    }
}
