package org.spigrp.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.ControlRequest;
import org.spigrp.command.Json;
import org.spigrp.command.JsonReader;
import org.spigrp.command.JsonValue;
import org.spigrp.command.Listing;
import org.spigrp.command.Outcome;
import org.spigrp.command.OutcomeJson;
import org.spigrp.command.Stop;
import org.spigrp.sa.Said;
import org.spigrp.sa.SaidText;
import org.spigrp.sa.Selector;
import org.spigrp.wire.NameResolver;
import org.spigrp.wire.Parsed;

/**
 * The daemon, as commands see it: requests go to its control socket, answers come back (ipsec-control(5)). What goes
 * wrong on the way ends the command with a {@link Refusal}.
 */
final class RemoteBackend implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader in;
    private final Writer out;
    private long id;

    private RemoteBackend(SocketChannel channel) {
        this.channel = channel;
        this.in = new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
        this.out = new OutputStreamWriter(Channels.newOutputStream(channel), StandardCharsets.UTF_8);
    }

    /** Null where nobody listens: what a dead daemon left behind, or nothing at all. */
    static @Nullable RemoteBackend connect(Path socket) {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new RemoteBackend(channel);
        } catch (IOException e) {
            if (channel != null) {
                closeQuietly(channel);
            }
            if (e instanceof ConnectException || !Files.exists(socket)) {
                return null;
            }
            throw new Refusal(
                    "cannot ask the daemon at " + socket + ": " + e.getMessage() + "; work as root, or as the user of"
                            + " the daemon (members of the group that was named to it may read)",
                    Refusal.FAILED);
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing hangs on it
        }
    }

    /** All of the changes, as one whole, or none of them. */
    Outcome apply(List<Change> changes) {
        id++;
        try {
            ControlRequest.transaction(changes, id, line -> {
                try {
                    send(line);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            out.flush();
        } catch (IOException | UncheckedIOException e) {
            return outcome(lastWords());
        }
        return outcome(answer());
    }

    void list(Listing listing, boolean json, Consumer<String> line) {
        JsonValue.Obj answer = ask(new ControlRequest.Show(listing, json));
        while (answer.members().get("line") instanceof JsonValue.Text(String text)) {
            line.accept(text);
            answer = answer();
        }
        requireDone(answer);
    }

    int saref(Said said) {
        JsonValue.Obj answer = requireDone(ask(new ControlRequest.FindSa(said)));
        return answer.members().get("saref") instanceof JsonValue.Num(String text) ? Integer.parseInt(text) : 0;
    }

    @Nullable
    Said erouteGoal(Selector selector) {
        return said(requireDone(ask(new ControlRequest.FindEroute(selector))));
    }

    @Nullable
    Said firstOf(String group) {
        return said(requireDone(ask(new ControlRequest.FindGroup(group))));
    }

    private static @Nullable Said said(JsonValue.Obj answer) {
        return answer.members().get("said") instanceof JsonValue.Text(String text)
                ? SaidText.parse(text, NameResolver.NONE).orNull()
                : null;
    }

    /** One JSON object. */
    JsonValue.Obj statusObject() {
        JsonValue.Obj answer = requireDone(ask(new ControlRequest.Status()));
        if (answer.members().get("status") instanceof JsonValue.Obj status) {
            return status;
        }
        throw notUnderstood();
    }

    String status() {
        return new Json().value(statusObject()).toString();
    }

    /** Of the daemon's process. */
    long pid() {
        if (statusObject().members().get("pid") instanceof JsonValue.Num(String text)) {
            return Long.parseLong(text);
        }
        throw notUnderstood();
    }

    void clearCounters() {
        requireDone(ask(new ControlRequest.ClearCounters()));
    }

    /** Returns when the daemon has ended. */
    void stop(Stop how) {
        Optional<ProcessHandle> process = ProcessHandle.of(pid());
        requireDone(ask(new ControlRequest.End(how)));
        try {
            while (in.readLine() != null) {}
        } catch (IOException e) {
            // that is how it ends too
        }
        process.ifPresent(running -> running.onExit().join());
    }

    /** Gives events, each an object, until the daemon ends or the taker has had enough. */
    void watch(boolean debug, Predicate<JsonValue.Obj> taker) {
        requireDone(ask(new ControlRequest.Watch(debug)));
        JsonValue.Obj event = answerOrEnd();
        while (event != null && taker.test(event)) {
            event = answerOrEnd();
        }
    }

    private JsonValue.Obj ask(ControlRequest request) {
        id++;
        try {
            send(request.json(id));
            out.flush();
        } catch (IOException e) {
            return lastWords();
        }
        return answer();
    }

    private void send(String line) throws IOException {
        out.write(line);
        out.write('\n');
    }

    /** It closed the socket before it had read all: perhaps it said why. */
    private JsonValue.Obj lastWords() {
        return answer();
    }

    private JsonValue.Obj answer() {
        JsonValue.Obj answer = answerOrEnd();
        if (answer == null) {
            throw new Refusal(
                    "the daemon ended before it had answered: whether this was done will be seen when it runs again",
                    Refusal.FAILED);
        }
        return answer;
    }

    private JsonValue.@Nullable Obj answerOrEnd() {
        String line;
        try {
            line = in.readLine();
        } catch (IOException e) {
            return null; // reset: it closed without reading everything
        }
        if (line == null) {
            return null;
        }
        if (JsonReader.parse(line) instanceof Parsed.Ok<JsonValue>(JsonValue.Obj answer)) {
            if (answer.members().get("error") instanceof JsonValue.Text(String say)) {
                throw new Refusal("the daemon says: " + say, Refusal.FAILED);
            }
            return answer;
        }
        throw notUnderstood();
    }

    private static JsonValue.Obj requireDone(JsonValue.Obj answer) {
        return switch (outcome(answer)) {
            case Outcome.Done _ -> answer;
            case Outcome.Refused refused -> throw new Refusal(refused.say());
            case Outcome.Failed(String say) -> throw new Refusal(say, Refusal.FAILED);
        };
    }

    private static Outcome outcome(JsonValue.Obj answer) {
        Outcome outcome = OutcomeJson.read(answer).orNull();
        if (outcome == null) {
            throw notUnderstood();
        }
        return outcome;
    }

    private static Refusal notUnderstood() {
        return new Refusal(
                "does not understand what the daemon answers: are command and daemon of one release?", Refusal.FAILED);
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }
}
