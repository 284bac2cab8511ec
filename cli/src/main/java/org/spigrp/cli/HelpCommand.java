package org.spigrp.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Quote;

/** {@code ipsec help}: the list of commands, or the manual page of one. */
final class HelpCommand implements Command {
    private static final String[] SECTIONS = {"8", "5"};
    private static final int LINE = 12;

    @Override
    public String name() {
        return "help";
    }

    @Override
    public String summary() {
        return "show the manual page of a command";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec help                  lists the commands
                   ipsec help COMMAND          shows the manual page of a command, as spigrp
                   ipsec help 5 COMMAND        the page about its listing, also as spigrp.5
            """;
    }

    @Override
    public int run(Call call) {
        List<String> words = call.words();
        if (words.isEmpty()) {
            list(call);
            return 0;
        }
        if (words.getFirst().equals("--help")) {
            call.out().print(usage());
            return 0;
        }
        if (words.getFirst().equals("--version")) {
            call.say(Version.of(this));
            return 0;
        }
        if (words.size() > 2 || (words.size() == 2 && !isSection(words.getFirst()))) {
            throw new Refusal("takes the name of one command, and perhaps a section (5 or 8) before it");
        }
        show(call, words.getLast(), words.size() == 2 ? words.getFirst() : null);
        return 0;
    }

    /** For {@code ipsec} alone. */
    static int hint(Call call) {
        call.say("Usage: ipsec COMMAND [ARGUMENT ...]");
        call.say("       ipsec -f SCRIPT");
        call.say("ipsec --help lists the commands, ipsec help COMMAND shows the manual page of one,");
        call.say("ipsec quickstart shows them at work.");
        return 0;
    }

    static void list(Call call) {
        call.say("Usage: ipsec COMMAND [ARGUMENT ...]");
        call.say("       ipsec -f SCRIPT [--keep-going]");
        call.say("       ipsec --version | --versioncode | --directory | --confdir | --copyright");
        call.say("where COMMAND is one of:");
        for (Command command : CommandTable.all()) {
            call.say("\t" + command.name()
                    + " ".repeat(Math.max(1, LINE - command.name().length())) + command.summary());
        }
        call.say("");
        call.say("COMMAND --help is short, 'ipsec help COMMAND' is its manual page.");
        call.say("SCRIPT holds commands, one a line, and is done as a whole or not at all; - is stdin.");
    }

    private static boolean isSection(String word) {
        return List.of(SECTIONS).contains(word);
    }

    private void show(Call call, String page, @Nullable String section) {
        int dot = page.lastIndexOf('.');
        String name = dot > 0 && isSection(page.substring(dot + 1)) ? page.substring(0, dot) : page;
        String wanted = section == null && dot > 0 && !name.equals(page) ? page.substring(dot + 1) : section;
        for (String in : wanted == null ? SECTIONS : new String[] {wanted}) {
            String source = source(name, in);
            if (source != null) {
                call.out()
                        .print(new ManText(
                                        call.environment().pageWidth(),
                                        call.environment().host().isWatched(1))
                                .render(source));
                return;
            }
        }
        Command command = CommandTable.find(name);
        if (command == null || wanted != null) {
            if (command == null) {
                throw Ipsec.noCommand(name);
            }
            throw new Refusal("there is no page " + Quote.of(name) + " in section " + wanted);
        }
        call.out().print(command.usage());
    }

    static @Nullable String source(String name, String section) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ((c < 'a' || c > 'z') && c != '-') {
                return null; // no page has such a name, and it must not lead out of the directory
            }
        }
        try (InputStream in = HelpCommand.class.getResourceAsStream("/man/" + name + "." + section)) {
            return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Refusal("cannot read the page " + name + ": " + Trouble.why(e), Refusal.FAILED);
        }
    }
}
