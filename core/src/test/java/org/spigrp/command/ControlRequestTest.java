package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spigrp.command.Outcome.Reason;
import org.spigrp.sa.SaProtocol;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.RandomText;

/** What is sent to the daemon is what it reads. */
class ControlRequestTest {
    private static String complaint(String line) {
        return switch (ControlLaws.request(line)) {
            case Parsed.Ok<ControlRequest>(ControlRequest request) -> throw new AssertionError("read as " + request);
            case Parsed.Bad<ControlRequest>(String why) -> why;
        };
    }

    @Test
    void any_change_reads_back_as_it_was() {
        var random = RandomText.random();
        var changes = new RandomChanges(random);
        var seen = new TreeSet<String>();
        for (int round = 0; round < 20_000; round++) {
            Change change = changes.next();
            seen.add(change.getClass().getSimpleName());
            var json = new Json();
            ChangeJson.write(json, change);
            assertThat(json.toString()).as(RandomText.seed(round)).doesNotContain("\n");
            assertThat(JsonReader.parse(json.toString()).then(ChangeJson::read))
                    .as("%s: %s", RandomText.seed(round), json)
                    .isEqualTo(Parsed.ok(change));
        }
        assertThat(seen).as("every kind of change was tried").hasSize(Change.class.getPermittedSubclasses().length);
    }

    @Test
    void any_request_reads_back_as_it_was() {
        var changes = new RandomChanges(RandomText.random());
        List<ControlRequest> requests = new ArrayList<>(List.of(
                new ControlRequest.Apply(List.of()),
                new ControlRequest.ApplyPart(List.of(changes.next(), changes.next())),
                new ControlRequest.FindSa(Samples.said(SaProtocol.ESP, 0x100)),
                new ControlRequest.FindEroute(changes.selector()),
                new ControlRequest.FindGroup("to \"east\""),
                new ControlRequest.Status(),
                new ControlRequest.ClearCounters(),
                new ControlRequest.Watch(true),
                new ControlRequest.Watch(false)));
        for (Listing listing : Listing.values()) {
            requests.add(new ControlRequest.Show(listing, true));
            requests.add(new ControlRequest.Show(listing, false));
        }
        for (Stop stop : Stop.values()) {
            requests.add(new ControlRequest.End(stop));
        }
        for (ControlRequest request : requests) {
            String line = request.json(ControlRequest.LAST_ID);
            assertThat(ControlLaws.request(line)).as(line).isEqualTo(Parsed.ok(request));
            assertThat(JsonReader.parse(line).map(ControlRequest::id)).isEqualTo(Parsed.ok(ControlRequest.LAST_ID));
        }
        assertThat(requests.stream().map(ControlRequest::getClass).distinct())
                .as("every kind of request was tried")
                .hasSize(ControlRequest.class.getPermittedSubclasses().length);
    }

    /** However many changes there are, no line of them comes near the limit, and together they are all. */
    @Test
    void a_transaction_is_cut_into_lines_that_fit() {
        var random = new RandomChanges(RandomText.random());
        for (int count : new int[] {0, 1, 2, 5000}) {
            List<Change> changes = Stream.generate(random::next).limit(count).toList();
            List<Change> read = new ArrayList<>();
            List<String> lines = new ArrayList<>();
            ControlRequest.transaction(changes, 7, lines::add);
            for (int i = 0; i < lines.size(); i++) {
                assertThat(lines.get(i)).hasSizeLessThan(2 * ControlRequest.PART);
                switch (ControlLaws.request(lines.get(i)).orNull()) {
                    case ControlRequest.ApplyPart(List<Change> part) -> {
                        assertThat(i).isLessThan(lines.size() - 1);
                        read.addAll(part);
                    }
                    case ControlRequest.Apply(List<Change> part) -> {
                        assertThat(i).isEqualTo(lines.size() - 1);
                        read.addAll(part);
                    }
                    case null, default -> throw new AssertionError(lines.get(i));
                }
            }
            assertThat(read).isEqualTo(changes);
        }
    }

    @Test
    void any_outcome_reads_back_as_it_was() {
        List<Outcome> outcomes = new ArrayList<>(List.of(
                Outcome.Done.QUIETLY,
                new Outcome.Done(List.of("one", "two \"2\"")),
                new Outcome.Failed("the disk is full")));
        for (Reason reason : Reason.values()) {
            outcomes.add(new Outcome.Refused(reason, "esp0x100@192.0.2.9 does not exist", 299_999));
        }
        for (Outcome outcome : outcomes) {
            var json = new Json().object().member("id", 7);
            OutcomeJson.write(json, outcome);
            assertThat(JsonReader.parse(json.end().toString()).then(OutcomeJson::read))
                    .isEqualTo(Parsed.ok(outcome));
        }
    }

    /** Programs in other languages write requests by hand: what they may leave out has its default. */
    @Test
    void a_short_request_means_the_defaults() {
        assertThat(ControlLaws.request("{\"v\":1,\"id\":0,\"do\":\"apply\",\"changes\":[{\"change\":\"add-sa\","
                        + "\"said\":\"comp0x1001@192.0.2.9\",\"src\":\"192.0.2.4\",\"transform\":\"comp\","
                        + "\"algorithm\":\"deflate\"}]}"))
                .isEqualTo(Parsed.ok(new ControlRequest.Apply(List.of(new Change.AddSa(Samples.comp(0x1001))))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]                                       | a request must be an object",
                "{\"id\":1,\"do\":\"status\"}             | 'v' is 0, but version 1",
                "{\"v\":2,\"id\":1,\"do\":\"status\"}     | 'v' is 2, but version 1",
                "{\"v\":1,\"do\":\"status\"}              | 'id' is missing",
                "{\"v\":1,\"id\":-1,\"do\":\"status\"}    | 'id' must be a whole number",
                "{\"v\":1,\"id\":1.5,\"do\":\"status\"}   | 'id' must be a whole number",
                "{\"v\":1,\"id\":1}                       | 'do' is missing",
                "{\"v\":1,\"id\":1,\"do\":\"reboot\"}     | nobody knows how to do 'reboot'",
                "{\"v\":1,\"id\":1,\"do\":\"status\",\"x\":1}           | there is no member 'x'",
                "{\"v\":1,\"id\":1,\"do\":\"list\",\"what\":\"spa\"}    | 'spa' is none of spi, spigrp",
                "{\"v\":1,\"id\":1,\"do\":\"watch\",\"debug\":1}        | 'debug' must be true or false, not a number",
                "{\"v\":1,\"id\":1,\"do\":\"stop\",\"open\":true,\"restart\":true} | exclude each other",
                "{\"v\":1,\"id\":1,\"do\":\"apply\",\"changes\":{}}     | 'changes' must be an array",
                "{\"v\":1,\"id\":1,\"do\":\"apply\",\"changes\":[{\"change\":\"clear-eroutes\"},1]} | change 1: a change must",
            })
    void a_wrong_request_is_told_in_one_line(String line, String complaint) {
        assertThat(complaint(line)).contains(complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"change\":\"add-eroute\",\"source\":\"10.0.0.0/8\",\"destination\":\"2001:db8::/32\",\"said\":\"%drop\"} | different families",
                "{\"change\":\"add-eroute\",\"source\":\"10.0.0.0/8:80\",\"destination\":\"10.0.0.0/8\",\"said\":\"%drop\"} | members of their own",
                "{\"change\":\"delete-eroute\",\"source\":\"10.0.0.0/8\",\"destination\":\"0.0.0.0/0\",\"protocol\":6,\"source_port\":[9,3]} | ends before it begins",
                "{\"change\":\"delete-eroute\",\"source\":\"10.0.0.0/8\",\"destination\":\"0.0.0.0/0\",\"source_port\":65536} | from 0 to 65535",
                "{\"change\":\"ungroup\",\"said\":\"esp0x100@192.0.2.9\",\"group\":\"x\"} | exclude each other",
                "{\"change\":\"ungroup\",\"said\":\"esp0x100@gw2\"} | 'said'",
                "{\"change\":\"add-sa\",\"said\":\"int256@0.0.0.0\",\"transform\":\"int\"} | int is for shunts",
                "{\"change\":\"set-debug\",\"flags\":[\"xmut\"]} | 'xmut' is none of",
                "{\"change\":\"destroy\"} | there is no change 'destroy'",
            })
    void a_wrong_change_is_told_in_one_line(String line, String complaint) {
        assertThat(JsonReader.parse(line).then(ChangeJson::read))
                .isInstanceOfSatisfying(
                        Parsed.Bad.class, bad -> assertThat(bad.why()).contains(complaint));
    }

    @Test
    void a_wrong_key_is_not_repeated() {
        for (String key : List.of("5ec2e75ec2e", "0x5ec2e75ec2", "5EC2E7", "5ec2e7zz")) {
            String line = "{\"change\":\"add-sa\",\"said\":\"esp0x100@192.0.2.9\",\"transform\":\"esp\","
                    + "\"algorithm\":\"aes128-sha256\",\"enckey\":\"" + key + "\"}";
            assertThat(JsonReader.parse(line).then(ChangeJson::read))
                    .isInstanceOfSatisfying(
                            Parsed.Bad.class,
                            bad -> assertThat(bad.why())
                                    .contains("'enckey' must be pairs of hexadecimal digits")
                                    .doesNotContainIgnoringCase("5ec2e7"));
        }
    }
}
