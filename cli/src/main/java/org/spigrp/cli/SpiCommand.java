package org.spigrp.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.Listing;
import org.spigrp.command.Target;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.wire.Family;

/** {@code ipsec spi}: makes, deletes and lists SAs. What an SA is made of is put together by {@link SpiMaker}. */
final class SpiCommand implements Command {
    static final Options.Table OPTIONS = new Options.Table()
            .value("ah")
            .value("esp")
            .value("comp")
            .flag("ip4")
            .flag("ip6")
            .flag("del")
            .flag("clear")
            .value("af")
            .value("edst")
            .value("spi")
            .value("proto")
            .value("said")
            .value("src")
            .value("dst")
            .value("enckey")
            .value("authkey")
            .value("iv")
            .value("replay_window", "replay-window")
            .value("life")
            .value("natt")
            .value("sport")
            .value("dport")
            .value("saref", "sarefme", "saref_me")
            .value("sarefhim", "saref_him")
            .value("outif")
            .flag("dumpsaref")
            .flag("listenreply")
            .value("direction")
            .flag("esn")
            .value("ah-align")
            .value("df")
            .value("ecn")
            .value("comp-threshold")
            .value("seq")
            .flag("json");

    private static final Set<String> ACTIONS = Set.of("ah", "esp", "comp", "ip4", "ip6", "del", "clear");
    private static final List<String> NAMING = List.of("said", "af", "edst", "spi", "proto");
    private static final List<String> ANY_SA = List.of("src", "dst", "direction", "life", "saref", "sarefhim");
    private static final List<String> NUMBERED = List.of("authkey", "replay_window", "esn", "seq");

    @Override
    public String name() {
        return "spi";
    }

    @Override
    public String summary() {
        return "make and delete SAs, list them";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec spi [--json]                                   lists the SAs
                   ipsec spi --ip4|--ip6 SA --src ADDR [--dst ADDR] [--df POLICY] [--ecn POLICY]
                   ipsec spi --ah ALG SA --authkey KEY [--ah-align 4|8] [NUMBERS]
                   ipsec spi --esp ALG SA --enckey KEY [--authkey KEY] [NUMBERS] [NAT]
                   ipsec spi --comp deflate SA [--comp-threshold klips|linux]
                   ipsec spi --del SA                                   deletes an SA and its whole group
                   ipsec spi --clear [--proto PROTO]                    deletes all SAs

              SA       --said SAID, or --af inet|inet6 --edst ADDR --spi N --proto ah|esp|tun|comp
              ALG      --esp: aes128gcm16, chacha20poly1305, aes128-sha256, 3des-sha1-96, ...
                       --ah: hmac-sha2-256-128, hmac-sha1-96, aes128gmac, ...   (see 'ipsec help spi')
              KEY      0xHEX, 0sBASE64 or 0tTEXT; @FILE, a file that holds one of these; - for a line of stdin
              NUMBERS  --replay_window 0..65536 (1024), --esn, --seq N (the other system's last number)
              NAT      --natt none|nonike|nonesp --sport PORT --dport PORT (4500)
              POLICY   --df copy|set|clear (clear), --ecn rfc6040|linux|none (rfc6040)
              with each new SA: --src ADDR, --direction in|out, --life SEV-TYPE=N[,...], --saref N, --sarefhim N,
                       --dumpsaref, --listenreply; SEV is soft or hard, TYPE allocations, bytes, addtime,
                       usetime or packets
              with all of them: --label TEXT, --debug, --optionsfrom FILE, --help, --version

            A KEY that stands on the command line is seen by every user of this machine while the command runs
            (ps), and by whoever reads the shell's history later. @FILE and - show it to nobody.
            """;
    }

    @Override
    public int run(Call call) {
        var options = new Options(OPTIONS, call);
        var given = new Given();
        var lives = new ArrayList<String>();
        String action = null;
        boolean json = false;
        boolean dumpSaref = false;
        boolean listenReply = false;
        for (String option = options.next(); option != null; option = options.next()) {
            if (options.answered(this)) {
                return 0;
            }
            switch (option) {
                case "json" -> json = true;
                case "dumpsaref" -> dumpSaref = true;
                case "listenreply" -> listenReply = true;
                case "life" -> lives.add(options.value());
                default -> {
                    if (ACTIONS.contains(option)) {
                        action = only(action, option);
                    }
                    given.put(option, options.value());
                }
            }
        }
        options.noOthers();
        if (action == null) {
            if (!given.isEmpty() || !lives.isEmpty()) {
                throw new Refusal("is not told what to do: give one of --ah, --esp, --comp, --ip4, --ip6, --del or"
                        + " --clear (--help shows the grammar)");
            }
            call.list(Listing.SPI, json);
            return 0;
        }
        if (json) {
            throw new Refusal("--json is for the listing, not for --" + action);
        }
        if (!lives.isEmpty()) {
            given.put("life", String.join(",", lives));
        }
        requireFitting(given, action);
        if (dumpSaref && (action.equals("del") || action.equals("clear"))) {
            throw new Refusal("--dumpsaref means nothing with --" + action + ": leave it out");
        }
        if (options.debug()) {
            call.say(call.who() + ": --debug: --" + action);
        }
        change(call, given, action, dumpSaref);
        if (listenReply) {
            call.say(call.who() + ": exited normally");
        }
        return 0;
    }

    private static String only(@Nullable String before, String action) {
        if (before != null && !before.equals(action)) {
            throw new Refusal("--" + before + " and --" + action
                    + " exclude each other: give one of --ah, --esp, --comp, --ip4, --ip6, --del or --clear");
        }
        return action;
    }

    /** Nothing that was typed is ignored: what means nothing here is refused. */
    private static void requireFitting(Given given, String action) {
        if (given.has("iv")) {
            throw new Refusal("--iv is refused: an IV given by hand would be used again, and a repeated IV gives the"
                    + " plain text away; the stack makes a new one for each packet");
        }
        if (given.has("outif")) {
            throw new Refusal("--outif is refused: there are no interfaces here that a packet could be shown to come"
                    + " from (captures have none)");
        }
        for (String option : given.options()) {
            if (!option.equals(action) && !fits(option, action)) {
                throw new Refusal("--" + option + " means nothing with --" + action + ": leave it out");
            }
        }
    }

    private static boolean fits(String option, String action) {
        return switch (action) {
            case "clear" -> option.equals("proto");
            case "del" -> NAMING.contains(option);
            default ->
                NAMING.contains(option)
                        || ANY_SA.contains(option)
                        || switch (action) {
                            case "ah" -> NUMBERED.contains(option) || option.equals("ah-align");
                            case "esp" ->
                                NUMBERED.contains(option)
                                        || option.equals("enckey")
                                        || option.equals("natt")
                                        || option.equals("sport")
                                        || option.equals("dport");
                            case "comp" -> option.equals("comp-threshold");
                            default -> option.equals("df") || option.equals("ecn");
                        };
        };
    }

    private static void change(Call call, Given given, String action, boolean dumpSaref) {
        switch (action) {
            case "clear" -> {
                String protocol = given.text("proto");
                call.apply(new Change.ClearSas(protocol == null ? null : SaArgument.protocol(protocol)));
            }
            case "del" -> call.apply(new Change.DeleteSa(required(SaArgument.target(given, family(given), call))));
            default -> {
                Target target = required(SaArgument.target(given, family(given), call));
                SecurityAssociation sa = SpiMaker.make(given, action, target, call);
                call.apply(new Change.AddSa(sa));
                if (dumpSaref) {
                    call.saySaref(sa.said(), sa.refhim());
                }
            }
        }
    }

    private static Target required(@Nullable Target target) {
        if (target == null) {
            throw new Refusal("is not told which SA: give --said SAID, or --af, --edst, --spi and --proto");
        }
        return target;
    }

    /** {@code --af}, {@code --ip4}, {@code --ip6}; null if none of them is given. */
    private static @Nullable Family family(Given given) {
        String af = given.text("af");
        Family family = af == null ? null : SaArgument.family("--af", af);
        if (given.has("ip4") || given.has("ip6")) {
            Family tunnel = given.has("ip4") ? Family.INET : Family.INET6;
            if (family != null) {
                SaArgument.requireFamily(family, tunnel, given.has("ip4") ? "--ip4" : "--ip6");
            }
            return tunnel;
        }
        return family;
    }
}
