package org.spigrp.cli;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.spigrp.command.Change;
import org.spigrp.command.DebugFlag;
import org.spigrp.command.Listing;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.Quote;

/** {@code ipsec klipsdebug}: what the stack shall talk about. */
final class KlipsdebugCommand implements Command {
    static final Options.Table OPTIONS = new Options.Table()
            .value("set")
            .value("clear")
            .flag("all")
            .flag("none")
            .flag("json");

    @Override
    public String name() {
        return "klipsdebug";
    }

    @Override
    public String summary() {
        return "choose what is traced";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec klipsdebug [--json]                lists the flags
                   ipsec klipsdebug --set FLAG|all          adds a flag to those that are set
                   ipsec klipsdebug --clear FLAG|all
                   ipsec klipsdebug --all                   all but verbose
                   ipsec klipsdebug --none
              FLAG  tunnel tncfg xmit (tunnel-xmit) netlink xform eroute spi radij esp ah rcv pfkey
                    comp (ipcomp) verbose
              with all of them: --label TEXT, --debug, --optionsfrom FILE, --help, --version

            This records what is wanted. No flag ever shows a key.
            """;
    }

    @Override
    public int run(Call call) {
        var options = new Options(OPTIONS, call);
        String action = null;
        String value = "";
        boolean json = false;
        for (String option = options.next(); option != null; option = options.next()) {
            if (options.answered(this)) {
                return 0;
            }
            switch (option) {
                case "json" -> json = true;
                default -> {
                    if (action != null) {
                        throw new Refusal("takes one of --set, --clear, --all or --none at a time, but --" + action
                                + " and --" + option + " are given");
                    }
                    action = option;
                    value = options.value();
                }
            }
        }
        options.noOthers();
        if (action != null && json) {
            throw new Refusal("--json is for the listing, not for --" + action);
        }
        switch (action) {
            case null -> call.list(Listing.KLIPSDEBUG, json);
            case "set" -> call.apply(new Change.SetDebug(flags("--set", value)));
            case "clear" ->
                call.apply(new Change.ClearDebug(value.equals("all") ? everything() : flags("--clear", value)));
            case "all" -> call.apply(new Change.SetDebug(allButVerbose()));
            default -> call.apply(new Change.ClearDebug(everything()));
        }
        return 0;
    }

    private static Set<DebugFlag> everything() {
        return EnumSet.allOf(DebugFlag.class);
    }

    private static Set<DebugFlag> allButVerbose() {
        return EnumSet.complementOf(EnumSet.of(DebugFlag.VERBOSE));
    }

    private static Set<DebugFlag> flags(String option, String word) {
        String known = switch (word) {
            case "ipcomp" -> "comp";
            case "tunnel-xmit" -> "xmit";
            default -> word;
        };
        if (known.equals("all")) {
            return allButVerbose();
        }
        List<String> words = new ArrayList<>(List.of("all", "tunnel-xmit", "ipcomp"));
        for (DebugFlag flag : DebugFlag.values()) {
            if (flag.text().equals(known)) {
                return EnumSet.of(flag);
            }
            words.add(flag.text());
        }
        throw new Refusal(option + " " + Quote.of(word) + " is no flag"
                + NearestName.suggestion(word, words, "; --help lists them"));
    }
}
