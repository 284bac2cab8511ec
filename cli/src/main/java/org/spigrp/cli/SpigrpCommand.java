package org.spigrp.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.Listing;
import org.spigrp.command.Target;
import org.spigrp.sa.Group;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.wire.Family;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.Quote;

/** {@code ipsec spigrp}: binds SAs to a group, releases a group, lists groups. Words are exact and stand in fixed places. */
final class SpigrpCommand implements Command {
    private static final int WORDS_OF_AN_SA = 4;
    private static final List<String> LEADING =
            List.of("--debug", "--label", "--name", "--said", "--json", "--help", "--version");

    @Override
    public String name() {
        return "spigrp";
    }

    @Override
    public String summary() {
        return "group SAs, ungroup them, list groups";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec spigrp [--debug] [--label TEXT]
                   ipsec spigrp [--debug] [--label TEXT] --json
                   ipsec spigrp [--debug] [--label TEXT] [--name NAME] AF DST SPI PROTO [AF DST SPI PROTO ...]
                   ipsec spigrp [--debug] [--label TEXT] [--name NAME] --said SA [SA ...]
                   ipsec spigrp --help | --version

            The place of every word matters. SAs go from the inside to the outside, 16 at most:
              one SA        releases the group that it is in, whichever member it is
              two or more   become a group; naming the last member of a group first makes it
                            longer at the outer end, naming its first member last at the inner end
              none          lists the groups, one a line, and SAs that are in none

              AF      inet or inet6
              DST     the SA's destination, an address of that family or a name
              SPI     0x100 or more: decimal, 0x... or 0... (octal)
              PROTO   ah, esp, tun or comp
              SA      a SAID, as esp.115@gw2 or esp0x115@192.0.2.7; first also the name of a group
              NAME    a name for the group, taken wherever its first SA can be named
            """;
    }

    @Override
    public int run(Call call) {
        List<String> words = call.words();
        int at = 0;
        boolean debug = false;
        if (at < words.size() && words.get(at).equals("--debug")) {
            debug = true;
            at++;
        }
        if (at < words.size() && words.get(at).equals("--label")) {
            at++;
            call.label(following(words, at, "--label needs a text behind it"));
            at++;
        }
        String name = null;
        if (at < words.size() && words.get(at).equals("--name")) {
            at++;
            name = following(words, at, "--name needs a name behind it");
            at++;
        }
        if (debug) {
            call.say(call.who() + ": --debug: " + (words.size() - at) + " words behind the options");
        }
        String first = at < words.size() ? words.get(at) : null;
        if (name != null) {
            requireName(name, first);
        }
        if (first == null) {
            call.list(Listing.SPIGRP, false);
            return 0;
        }
        switch (first) {
            case "--json" -> {
                requireNothingAfter(words, at);
                call.list(Listing.SPIGRP, true);
            }
            case "--help" -> call.out().print(usage());
            case "--version" -> call.say(Version.of(this));
            case "--said" -> group(call, saids(words.subList(at + 1, words.size()), call), name, debug);
            default -> group(call, quadruples(words.subList(at, words.size()), call), name, debug);
        }
        return 0;
    }

    private static String following(List<String> words, int at, String complaint) {
        if (at >= words.size()) {
            throw new Refusal(complaint);
        }
        return words.get(at);
    }

    private static void requireName(String name, @Nullable String first) {
        if (first == null || first.equals("--json")) {
            throw new Refusal("--name " + name + " names a new group: its SAs must follow");
        }
        if (SaArgument.looksLikeSaid(name)) {
            throw new Refusal("" + Quote.of(name) + " cannot be the name of a group: it begins like a SAID");
        }
    }

    private static void requireNothingAfter(List<String> words, int at) {
        if (at + 1 < words.size()) {
            throw new Refusal(words.get(at) + " stands alone, but " + Quote.of(words.get(at + 1)) + " follows it");
        }
    }

    private static List<Target> saids(List<String> words, Call call) {
        if (words.isEmpty()) {
            throw new Refusal("--said needs at least one SA behind it: one to ungroup, two or more to group");
        }
        requireRoom(words.size());
        var targets = new ArrayList<Target>();
        for (String word : words) {
            Target target = SaArgument.parse("--said", word, call);
            if (target instanceof Target.BySaid(Said said)) {
                requireSa(said, word);
            }
            targets.add(target);
        }
        return targets;
    }

    private static List<Target> quadruples(List<String> words, Call call) {
        String first = words.getFirst();
        if (LEADING.contains(first)) {
            throw new Refusal(first + " stands in the wrong place: first --debug, then --label TEXT, then --name NAME,"
                    + " then --said or the SAs");
        }
        if (first.startsWith("-")) {
            throw new Refusal("does not take " + Quote.of(first) + " in this place"
                    + NearestName.suggestion(first, LEADING, "; --help shows the order of the words"));
        }
        if (words.size() % WORDS_OF_AN_SA != 0) {
            throw new Refusal("takes four words for each SA (AF DST SPI PROTO), but " + words.size()
                    + " stand there; or use --said");
        }
        requireRoom(words.size() / WORDS_OF_AN_SA);
        var targets = new ArrayList<Target>();
        for (int at = 0; at < words.size(); at += WORDS_OF_AN_SA) {
            String which = "SA " + (at / WORDS_OF_AN_SA + 1) + ": ";
            SaProtocol protocol = inSa(which, words.get(at + 3));
            int spi = SaArgument.spi(which + "SPI", words.get(at + 2));
            Family family = SaArgument.family(which + "the word", words.get(at));
            var destination = SaArgument.address(which + "destination", words.get(at + 1), family, call);
            targets.add(Target.of(new Said(protocol, spi, destination)));
        }
        return targets;
    }

    private static SaProtocol inSa(String which, String word) {
        try {
            return SaArgument.protocol(word);
        } catch (Refusal refusal) {
            throw new Refusal(which + refusal.say());
        }
    }

    private static void requireSa(Said said, String word) {
        if (said.protocol() == SaProtocol.INT) {
            throw new Refusal("" + Quote.of(word) + " is a shunt, not an SA: shunts belong to no group");
        }
        SaArgument.requireUsable("" + Quote.of(word) + "", said.spi());
    }

    private static void requireRoom(int count) {
        if (count > Group.MAX_MEMBERS) {
            throw new Refusal(count + " SAs are given; a group holds " + Group.MAX_MEMBERS + " at most");
        }
    }

    private static void group(Call call, List<Target> targets, @Nullable String name, boolean debug) {
        if (debug) {
            for (Target target : targets) {
                call.say(call.who() + ": --debug: SA " + target);
            }
        }
        if (targets.size() > 1) {
            call.apply(new Change.MakeGroup(targets, name));
        } else if (name == null) {
            call.apply(new Change.Ungroup(targets.getFirst()));
        } else {
            throw new Refusal("--name " + name + " names a group, and a group needs two SAs or more");
        }
    }
}
