package org.spigrp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.command.Event;

/** The manual pages and the parsers know the same options. */
class ManPagesTest {
    private static final Map<String, Options.Table> TABLES = Map.of(
            "spi", SpiCommand.OPTIONS,
            "eroute", ErouteCommand.OPTIONS,
            "tncfg", TncfgCommand.OPTIONS,
            "klipsdebug", KlipsdebugCommand.OPTIONS,
            "pcap", PcapOptions.TABLE);
    private static final Pattern OPTION = Pattern.compile("\\\\-\\\\-([a-z0-9_]+(?:(?:\\\\-|-)[a-z0-9_]+)*)");

    @TempDir
    Path directory;

    private static String page(String name) {
        String source = HelpCommand.source(name, "8");
        assertThat(source).as("man/" + name + ".8 among the resources").isNotNull();
        return source;
    }

    /** Options that head a paragraph of their own: these are the ones a page explains. */
    private static Set<String> explained(String name) {
        var found = new TreeSet<String>();
        String before = "";
        for (String line : page(name).lines().toList()) {
            if (before.equals(".TP") || before.equals(".TQ")) {
                Matcher matcher = OPTION.matcher(line);
                while (matcher.find()) {
                    found.add(matcher.group(1).replace("\\-", "-"));
                }
            }
            before = line;
        }
        return found;
    }

    private static Set<String> mentioned(String text, Pattern pattern) {
        var found = new TreeSet<String>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1).replace("\\-", "-"));
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"spi", "eroute", "tncfg", "klipsdebug", "pcap"})
    void a_page_explains_the_options_of_its_parser(String name) {
        var known = TABLES.get(name).names();
        var explained = explained(name);
        known.remove("replay-window"); // explained beside replay_window
        assertThat(explained).as("explained in man/" + name + ".8").containsAll(known);
        explained.removeAll(known);
        assertThat(explained).as("explained, but not known to the parser").isEmpty();
    }

    @Test
    void spigrp_explains_its_words() {
        assertThat(explained("spigrp"))
                .containsExactlyInAnyOrder("debug", "help", "json", "label", "name", "said", "version");
    }

    /** What a short help names is an option of the parser. */
    @ParameterizedTest
    @ValueSource(strings = {"spi", "eroute", "tncfg", "klipsdebug", "pcap"})
    void the_short_help_names_options_of_its_parser(String name) {
        Command command = CommandTable.find(name);
        assertThat(command).isNotNull();
        assertThat(TABLES.get(name).names())
                .containsAll(mentioned(command.usage(), Pattern.compile("--([a-z0-9_]+(?:-[a-z0-9]+)*)")));
    }

    @Test
    void the_live_commands_explain_their_words() {
        for (String name : new String[] {"setup", "run", "watch", "look"}) {
            Command command = CommandTable.find(name);
            assertThat(command).isNotNull();
            var mentioned = mentioned(command.usage(), Pattern.compile("--([a-z]+(?:-[a-z]+)*)"));
            mentioned.add("help");
            mentioned.add("version");
            assertThat(explained(name)).as("explained in man/" + name + ".8").isEqualTo(mentioned);
        }
    }

    @Test
    void watch_explains_every_event() {
        for (Event.Kind kind : Event.Kind.values()) {
            assertThat(page("watch")).contains("\n.B " + kind.text().replace("-", "\\-") + "\n");
        }
    }

    @Test
    void ipsec_explains_every_command() {
        for (String name : CommandTable.names()) {
            if (!name.equals("help")) {
                assertThat(page("ipsec")).as("man/ipsec.8").containsPattern("[ ]" + name + "[ \\n]");
            }
        }
    }

    @Test
    void help_shows_every_page() {
        for (String page : new String[] {
            "ipsec",
            "spigrp",
            "spigrp.5",
            "spi",
            "spi.5",
            "eroute",
            "eroute.5",
            "tncfg",
            "klipsdebug",
            "look",
            "pcap",
            "setup",
            "run",
            "watch",
            "ipsec-control"
        }) {
            Ran ran = Ran.ipsec(TestHost.environment(directory), "help", page);
            assertThat(ran.exit()).as(page).isZero();
            assertThat(ran.err()).as(page).isEmpty();
            assertThat(ran.out())
                    .as(page)
                    .contains("NAME\n")
                    .contains("SEE ALSO\n")
                    .doesNotContain("\n.");
        }
        Ran other = Ran.ipsec(TestHost.environment(directory), "help", "5", "spi");
        assertThat(other.out()).startsWith("SPI(5)");
    }
}
