package org.spigrp.cli;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.Listing;
import org.spigrp.command.Target;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Family;

/** {@code ipsec eroute}: which packets go through which group, and what may come in. */
final class ErouteCommand implements Command {
    static final Options.Table OPTIONS = new Options.Table()
            .flag("add")
            .flag("addin")
            .flag("replace")
            .flag("replacein")
            .flag("del")
            .flag("delin")
            .flag("clear")
            .value("eraf")
            .value("src")
            .value("dst")
            .value("transport-proto")
            .value("src-port")
            .value("dst-port")
            .value("icmp-type")
            .value("icmp-code")
            .value("af")
            .value("edst")
            .value("spi")
            .value("proto")
            .value("said")
            .flag("json");

    private static final Set<String> ACTIONS = Set.of("add", "addin", "replace", "replacein", "del", "delin", "clear");
    private static final String ONE_OF = "--add, --addin, --replace, --replacein, --del, --delin or --clear";

    @Override
    public String name() {
        return "eroute";
    }

    @Override
    public String summary() {
        return "say which packets go through which group";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec eroute [--json]                                     lists the eroutes
                   ipsec eroute --add|--replace SELECTOR SA                  what goes out through SA
                   ipsec eroute --addin|--replacein SELECTOR SA              what may come in through SA's tunnel
                   ipsec eroute --del SELECTOR [SA]
                   ipsec eroute --delin SELECTOR SA
                   ipsec eroute --clear                                      deletes all eroutes

              SELECTOR [--eraf inet|inet6] --src NET --dst NET [--transport-proto P]
                       [--src-port PORT] [--dst-port PORT] [--icmp-type T] [--icmp-code C]
              NET      ADDR/BITS, or %default; a :PORT at the end is the same as --src-port or --dst-port
              P        a protocol's name or number; PORT, T and C a number, a name (ports), or a range A-B
              SA       --said SAID, or --af inet|inet6 --edst ADDR --spi N --proto ah|esp|tun|comp:
                       the first SA of a group, a group's name, or what else to do:
                       %pass %drop %reject %hold %trap %trapsubnet
              with all of them: --label TEXT, --debug, --optionsfrom FILE, --help, --version

            Selectors of --addin are written as the packets come: --src is the other side's net.
            """;
    }

    @Override
    public int run(Call call) {
        var options = new Options(OPTIONS, call);
        var given = new Given();
        String action = null;
        boolean json = false;
        for (String option = options.next(); option != null; option = options.next()) {
            if (options.answered(this)) {
                return 0;
            }
            switch (option) {
                case "json" -> json = true;
                default -> {
                    if (!ACTIONS.contains(option)) {
                        given.put(option, options.value());
                    } else if (action == null) {
                        action = option;
                    } else {
                        throw new Refusal(
                                "--" + action + " and --" + option + " exclude each other: give one of " + ONE_OF);
                    }
                }
            }
        }
        options.noOthers();
        if (action == null) {
            if (!given.isEmpty()) {
                throw new Refusal("is not told what to do: give one of " + ONE_OF + " (--help shows the grammar)");
            }
            call.list(Listing.EROUTE, json);
            return 0;
        }
        if (json) {
            throw new Refusal("--json is for the listing, not for --" + action);
        }
        change(call, given, action);
        return 0;
    }

    private static void change(Call call, Given given, String action) {
        if (action.equals("clear")) {
            for (String option : given.options()) {
                throw new Refusal("--" + option + " means nothing with --clear: leave it out");
            }
            call.apply(new Change.ClearEroutes());
            return;
        }
        Target target = target(given, call);
        if (target == null && !action.equals("del")) {
            throw new Refusal(
                    "--" + action + " is not told which SA: give --said SAID, or --af, --edst, --spi and" + " --proto");
        }
        Selector selector = SelectorArgument.parse(given, action, call);
        call.apply(List.of(
                switch (action) {
                    case "add" -> new Change.AddEroute(selector, required(target));
                    case "replace" -> new Change.ReplaceEroute(selector, required(target));
                    case "addin" -> new Change.AddInbound(selector, notShunt(required(target), action));
                    case "replacein" -> new Change.ReplaceInbound(selector, notShunt(required(target), action));
                    case "delin" -> new Change.DeleteInbound(selector, notShunt(required(target), action));
                    default -> {
                        if (target != null) {
                            requireGoesTo(selector, target, call);
                        }
                        yield new Change.DeleteEroute(selector);
                    }
                }));
    }

    private static @Nullable Target target(Given given, Call call) {
        String af = given.text("af");
        Family family = af == null ? null : SaArgument.family("--af", af);
        Target target = SaArgument.target(given, family, call);
        if (target == null && af != null) {
            throw new Refusal("--af " + af + " is the family of an SA, and none is given (the eroute's own is --eraf)");
        }
        if (target instanceof Target.BySaid(Said said)) {
            if (said.protocol() == SaProtocol.TUN
                    && said.spi() == 0
                    && said.destination().isAny()) {
                throw new Refusal("--said " + said + " is refused: the stack never had a rule for it, so its packets"
                        + " were dropped; to let packets pass in clear take %pass");
            }
            if (said.protocol() == SaProtocol.INT && Shunt.of(said) == null) {
                throw new Refusal("--said " + given.text("said") + " is no shunt: int takes SPIs 256..261, or write"
                        + " %pass, %drop, %reject, %hold, %trap, %trapsubnet");
            }
            SaArgument.requireUsable("--said " + said, said.spi());
        }
        return target;
    }

    private static Target required(@Nullable Target target) {
        return java.util.Objects.requireNonNull(target);
    }

    private static Target notShunt(Target target, String action) {
        if (target instanceof Target.BySaid(Said said) && said.protocol() == SaProtocol.INT) {
            throw new Refusal("--" + action + " says what may come in through a tunnel, and " + said + " is none");
        }
        return target;
    }

    /** {@code --del} with an SA deletes the eroute only if it goes there. */
    private static void requireGoesTo(Selector selector, Target target, Call call) {
        Said goal = call.erouteGoal(selector);
        if (goal == null) {
            return; // the deletion itself will say so
        }
        Said said = switch (target) {
            case Target.BySaid(Said bySaid) -> bySaid;
            case Target.ByName(String name) -> call.firstOf(name);
        };
        if (!goal.equals(said)) {
            throw new Refusal("the eroute " + selector.source() + " -> " + selector.destination() + " goes to " + goal
                    + ", not to " + target + ": name that one, or leave the SA out");
        }
    }
}
