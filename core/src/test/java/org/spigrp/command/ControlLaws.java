package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.spigrp.wire.Parsed;
import org.spigrp.wire.TextLaws;

/** What holds for any octets that come in by the control socket; asked by the random tests and by the fuzzer. */
final class ControlLaws {
    private ControlLaws() {}

    static void hold(byte[] octets) {
        switch (JsonReader.parse(octets)) {
            case Parsed.Bad<JsonValue>(String why) -> TextLaws.complaint(why);
            case Parsed.Ok<JsonValue>(JsonValue value) -> {
                String json = new Json().value(value).toString();
                assertThat(JsonReader.parse(json)).as("read again: %s", json).isEqualTo(Parsed.ok(value));
                request(value);
                if (OutcomeJson.read(value) instanceof Parsed.Bad<Outcome>(String why)) {
                    TextLaws.complaint(why);
                }
            }
        }
    }

    private static void request(JsonValue value) {
        switch (ControlRequest.read(value)) {
            case Parsed.Bad<ControlRequest>(String why) -> TextLaws.complaint(why);
            case Parsed.Ok<ControlRequest>(ControlRequest request) -> {
                Long id = ControlRequest.id(value);
                assertThat(id).isNotNull();
                assertThat(request(request.json(id))).isEqualTo(Parsed.ok(request));
            }
        }
        if (ChangeJson.read(value) instanceof Parsed.Ok<Change>(Change change)) {
            var json = new Json();
            ChangeJson.write(json, change);
            assertThat(JsonReader.parse(json.toString()).then(ChangeJson::read)).isEqualTo(Parsed.ok(change));
        }
    }

    static Parsed<ControlRequest> request(String line) {
        return JsonReader.parse(line).then(ControlRequest::read);
    }
}
