package org.spigrp.command;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/** What a command may ask the daemon, one request on one line of JSON. The words are explained in ipsec-control(5). */
public sealed interface ControlRequest {
    /** The member {@code v} of every request. */
    int VERSION = 1;
    /**
     * Octets of one request, the end of its line counted. A transaction may be larger: it comes in parts. So a server
     * holds little of what it has not understood yet, and a part that is wrong is found when it comes.
     */
    int MAX_LINE = 1 << 20;

    /** Characters of a part as we make them. */
    int PART = 1 << 16;

    /** Ids are whole numbers that every reader of JSON keeps exact. */
    long LAST_ID = (1L << 53) - 1;

    /** The end of a transaction: all parts before it on this connection, and these changes, as one whole. */
    record Apply(List<Change> changes) implements ControlRequest {
        public Apply {
            changes = List.copyOf(changes);
        }
    }

    /** Changes that wait for the {@link Apply} that follows. Not answered. */
    record ApplyPart(List<Change> changes) implements ControlRequest {
        public ApplyPart {
            changes = List.copyOf(changes);
        }
    }

    record Show(Listing what, boolean json) implements ControlRequest {}

    record FindSa(Said said) implements ControlRequest {}

    record FindEroute(Selector selector) implements ControlRequest {}

    record FindGroup(String name) implements ControlRequest {}

    record Status() implements ControlRequest {}

    record End(Stop how) implements ControlRequest {}

    record ClearCounters() implements ControlRequest {}

    record Watch(boolean debug) implements ControlRequest {}

    /** True where it changes what there is. */
    default boolean isChange() {
        return switch (this) {
            case Apply _, ApplyPart _, End _, ClearCounters _ -> true;
            case Show _, FindSa _, FindEroute _, FindGroup _, Status _, Watch _ -> false;
        };
    }

    /** One line without its end. Keys may be in it. */
    default String json(long id) {
        var json = new Json().object().member("v", VERSION).member("id", id);
        switch (this) {
            case Apply(List<Change> changes) -> write(json.member("do", "apply"), changes);
            case ApplyPart(List<Change> changes) -> write(json.member("do", "apply-part"), changes);
            case Show(Listing what, boolean forPrograms) ->
                json.member("do", "list").member("what", what.text()).member("json", forPrograms);
            case FindSa(Said said) -> json.member("do", "sa").member("said", said.toString());
            case FindEroute(Selector selector) -> SelectorJson.write(json.member("do", "eroute"), selector);
            case FindGroup(String name) -> json.member("do", "group").member("name", name);
            case Status() -> json.member("do", "status");
            case End(Stop how) -> {
                json.member("do", "stop");
                switch (how) {
                    case CLOSED -> {}
                    case OPEN -> json.member("open", true);
                    case RESTART -> json.member("restart", true);
                }
            }
            case ClearCounters() -> json.member("do", "clear-counters");
            case Watch(boolean debug) -> json.member("do", "watch").member("debug", debug);
        }
        return json.end().toString();
    }

    /**
     * The lines of a transaction, however large: parts, and the {@link Apply} that ends them. Keys are in them.
     *
     * @param line takes them one by one
     */
    static void transaction(List<Change> changes, long id, Consumer<String> line) {
        List<Change> part = new ArrayList<>();
        int size = 0;
        for (Change change : changes) {
            var json = new Json();
            ChangeJson.write(json, change);
            size += json.toString().length();
            if (size > PART && !part.isEmpty()) {
                line.accept(new ApplyPart(part).json(id));
                part.clear();
                size = json.toString().length();
            }
            part.add(change);
        }
        line.accept(new Apply(part).json(id));
    }

    private static void write(Json json, List<Change> changes) {
        json.array("changes");
        for (Change change : changes) {
            ChangeJson.write(json, change);
        }
        json.end();
    }

    /** The id of something that may be a request, or null: a complaint carries it where it can. */
    static @Nullable Long id(JsonValue value) {
        return JsonFields.parsed(() -> JsonFields.of(value, "a request").number("id", LAST_ID, -1))
                .map(id -> id < 0 ? null : id)
                .orNull();
    }

    static Parsed<ControlRequest> read(JsonValue value) {
        return JsonFields.parsed(() -> {
            JsonFields fields = JsonFields.of(value, "a request");
            long version = fields.number("v", Long.MAX_VALUE, 0);
            if (version != VERSION) {
                throw new JsonFields.Wrong("'v' is " + version + ", but version " + VERSION
                        + " is spoken here: are command and daemon of one release?");
            }
            if (fields.number("id", LAST_ID, -1) < 0) {
                throw new JsonFields.Wrong("the member 'id' is missing: a number that the answer repeats");
            }
            ControlRequest request = read(fields);
            fields.end();
            return request;
        });
    }

    private static ControlRequest read(JsonFields fields) {
        String word = fields.text("do");
        return switch (word) {
            case "apply" -> new Apply(changes(fields));
            case "apply-part" -> new ApplyPart(changes(fields));
            case "list" ->
                new Show(
                        JsonFields.oneOf("what", fields.text("what"), List.of(Listing.values()), Listing::text),
                        fields.flag("json"));
            case "sa" -> new FindSa(SaJson.said(fields, "said"));
            case "eroute" -> new FindEroute(SelectorJson.read(fields));
            case "group" -> new FindGroup(fields.text("name"));
            case "status" -> new Status();
            case "stop" -> new End(stop(fields));
            case "clear-counters" -> new ClearCounters();
            case "watch" -> new Watch(fields.flag("debug"));
            default ->
                throw new JsonFields.Wrong("nobody knows how to do " + Quote.of(word)
                        + " here: there are apply, apply-part, list, sa, eroute, group, status, stop, clear-counters"
                        + " and watch");
        };
    }

    private static Stop stop(JsonFields fields) {
        boolean open = fields.flag("open");
        boolean restart = fields.flag("restart");
        if (open && restart) {
            throw new JsonFields.Wrong("'open' and 'restart' exclude each other");
        }
        return open ? Stop.OPEN : restart ? Stop.RESTART : Stop.CLOSED;
    }

    private static List<Change> changes(JsonFields fields) {
        List<Change> changes = new ArrayList<>();
        for (JsonValue element : fields.elements("changes")) {
            try {
                changes.add(ChangeJson.readChange(element));
            } catch (JsonFields.Wrong wrong) {
                throw new JsonFields.Wrong("change " + changes.size() + ": " + wrong.say());
            }
        }
        return changes;
    }
}
