package org.spigrp.sa;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.NameResolver;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.TextLaws;

/** What holds for any text at all; asked by the random tests and by the fuzzer. */
final class SaTextLaws {
    private static final Pattern HEX_KEY = Pattern.compile("0x[0-9a-fA-F]{2}(_?[0-9a-fA-F]{2})*+");
    private static final Pattern TEXT_KEY = Pattern.compile("0t[ -~]++");
    private static final Pattern BASE64_KEY =
            Pattern.compile("0s([A-Za-z0-9+/]{4})*+([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?");
    private static final Pattern COUNT = Pattern.compile("(?<!0)\\b[0-9]+\\b");
    private static final Pattern SUGGESTION = Pattern.compile("did you mean '([^']*)'\\?");

    /** Every complaint about a key there is, without its numbers: one bad key for each. */
    private static final Set<String> KEY_COMPLAINTS = new TreeSet<>();

    static {
        for (String bad : new String[] {
            "", "0", "12", "0q", "0X12", "0x", "0s", "0t", "0x1", "0xzz", "0x_12", "0sA", "0sA!==", "0sAB==", "0t\u00e9"
        }) {
            KEY_COMPLAINTS.add(withoutNumbers(complaint(KeyText.parse(bad))));
        }
    }

    private SaTextLaws() {}

    static void said(String text) {
        switch (SaidText.parse(text, NameResolver.NONE)) {
            case Parsed.Ok<Said>(Said said) -> {
                assertThat(SaidText.parse(SaidText.print(said), NameResolver.NONE))
                        .isEqualTo(Parsed.ok(said));
                assertThat(SaidText.parse(SaidText.printDotted(said), NameResolver.NONE))
                        .isEqualTo(Parsed.ok(said));
            }
            case Parsed.Bad<Said>(String why) -> TextLaws.complaint(why);
        }
    }

    /** A complaint about a key depends on places and counts only: nothing of the key can be in it. */
    static void key(String text) {
        byte[] expected = slowKey(text);
        switch (KeyText.parse(text)) {
            case Parsed.Ok<KeyMaterial>(KeyMaterial key) ->
                assertThat(key.octets()).isEqualTo(expected);
            case Parsed.Bad<KeyMaterial>(String why) -> {
                TextLaws.complaint(why);
                assertThat(expected).as(why).isNull();
                assertThat(KEY_COMPLAINTS).contains(withoutNumbers(why));
                Matcher numbers = COUNT.matcher(why);
                while (numbers.find()) {
                    assertThat(Long.parseLong(numbers.group())).isLessThanOrEqualTo(text.length());
                }
            }
        }
    }

    private static byte @Nullable [] slowKey(String text) {
        if (HEX_KEY.matcher(text).matches()) {
            return HexFormat.of().parseHex(text.substring(2).replace("_", ""));
        }
        if (TEXT_KEY.matcher(text).matches()) {
            return text.substring(2).getBytes(StandardCharsets.US_ASCII);
        }
        if (BASE64_KEY.matcher(text).matches() && text.length() > 2) {
            byte[] octets = Base64.getDecoder().decode(text.substring(2));
            boolean canonical = text.equals("0s" + Base64.getEncoder().encodeToString(octets));
            return canonical ? octets : null;
        }
        return null;
    }

    static String withoutNumbers(String message) {
        return COUNT.matcher(message).replaceAll("N");
    }

    static String complaint(Parsed<?> parsed) {
        return switch (parsed) {
            case Parsed.Bad<?>(String why) -> why;
            case Parsed.Ok<?>(Object value) -> throw new AssertionError("accepted: " + value);
        };
    }

    /** What is accepted is known by its canonical name; what is suggested exists. */
    static void algorithm(String text) {
        switch (AlgorithmNames.esp(text)) {
            case Parsed.Ok<EspSuite>(EspSuite suite) ->
                assertThat(AlgorithmNames.esp(suite.name())).isEqualTo(Parsed.ok(suite));
            case Parsed.Bad<EspSuite>(String why) -> {
                TextLaws.complaint(why);
                suggested(why, name -> assertThat(AlgorithmNames.esp(name)).isInstanceOf(Parsed.Ok.class));
            }
        }
        switch (AlgorithmNames.ah(text)) {
            case Parsed.Ok<AhSuite>(AhSuite suite) -> assertThat(suite.name()).isEqualTo(text);
            case Parsed.Bad<AhSuite>(String why) -> {
                TextLaws.complaint(why);
                suggested(why, name -> assertThat(AlgorithmNames.ah(name)).isInstanceOf(Parsed.Ok.class));
            }
        }
        switch (AlgorithmNames.comp(text)) {
            case Parsed.Ok<CompAlgorithm>(CompAlgorithm algorithm) ->
                assertThat(algorithm.text()).isEqualTo(text);
            case Parsed.Bad<CompAlgorithm>(String why) -> TextLaws.complaint(why);
        }
    }

    private static void suggested(String why, java.util.function.Consumer<String> law) {
        Matcher suggestion = SUGGESTION.matcher(why);
        if (suggestion.find()) {
            law.accept(suggestion.group(1));
        }
    }
}
