package org.spigrp.command;

import java.util.List;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.wire.Parsed;

/** Outcomes as the members of an object that has a member of its own already, the id of the request. */
public final class OutcomeJson {
    private static final List<Reason> REASONS = List.of(Reason.values());

    private OutcomeJson() {}

    /** Adds members to the object that is open. */
    public static void write(Json json, Outcome outcome) {
        switch (outcome) {
            case Outcome.Done(List<String> notices) -> {
                json.member("done", true);
                if (!notices.isEmpty()) {
                    json.array("notices");
                    notices.forEach(json::value);
                    json.end();
                }
            }
            case Outcome.Refused refused -> {
                json.member("refused", refused.reason().name())
                        .member("errno", refused.reason().errno());
                json.member("say", refused.say()).member("at", refused.at());
            }
            case Outcome.Failed(String say) -> json.member("failed", say);
        }
    }

    /** Members that are no part of an outcome are passed over. */
    public static Parsed<Outcome> read(JsonValue value) {
        return JsonFields.parsed(() -> {
            JsonFields fields = JsonFields.of(value, "an answer");
            String failed = fields.optionalText("failed");
            if (failed != null) {
                return new Outcome.Failed(failed);
            }
            String reason = fields.optionalText("refused");
            if (reason != null) {
                return new Outcome.Refused(
                        JsonFields.oneOf("refused", reason, REASONS, Reason::name), fields.text("say"), (int)
                                fields.number("at", Integer.MAX_VALUE, 0));
            }
            if (fields.flag("done")) {
                return new Outcome.Done(fields.texts("notices"));
            }
            throw new JsonFields.Wrong("the answer says neither done nor refused nor failed");
        });
    }
}
