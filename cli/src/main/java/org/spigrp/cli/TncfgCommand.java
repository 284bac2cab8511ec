package org.spigrp.cli;

import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.Listing;

/** {@code ipsec tncfg}: which virtual interface shall sit on which physical one. */
final class TncfgCommand implements Command {
    static final Options.Table OPTIONS = new Options.Table()
            .value("create")
            .value("delete")
            .flag("attach")
            .flag("detach")
            .value("virtual")
            .value("physical")
            .flag("clear")
            .flag("json")
            .singleDash();

    @Override
    public String name() {
        return "tncfg";
    }

    @Override
    public String summary() {
        return "attach virtual interfaces to physical ones";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec tncfg [--json]                                     lists the interfaces
                   ipsec tncfg --attach --virtual ipsecN --physical NAME
                   ipsec tncfg --detach --virtual ipsecN
                   ipsec tncfg --create ipsecN|mastN
                   ipsec tncfg --delete ipsecN|mastN
                   ipsec tncfg --clear                                      detaches all
              with all of them: --label TEXT, --debug, --optionsfrom FILE, --help, --version

            A running stack ('ipsec setup start') makes it real at once; captures need no interface.
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
                case "virtual", "physical" -> given.put(option, options.value());
                default -> {
                    if (action != null) {
                        throw new Refusal("--" + action + " and --" + option
                                + " exclude each other: give one of --attach, --detach, --create, --delete or --clear");
                    }
                    action = option;
                    given.put(option, options.value());
                }
            }
        }
        options.noOthers();
        if (action == null) {
            if (!given.isEmpty()) {
                throw new Refusal(
                        "is not told what to do: give one of --attach, --detach, --create, --delete or" + " --clear");
            }
            call.list(Listing.TNCFG, json);
            return 0;
        }
        if (json) {
            throw new Refusal("--json is for the listing, not for --" + action);
        }
        call.apply(change(call, given, action));
        return 0;
    }

    private static Change change(Call call, Given given, String action) {
        String virtual = given.text("virtual");
        String physical = given.text("physical");
        boolean takesVirtual = action.equals("attach") || action.equals("detach");
        if (virtual != null && !takesVirtual) {
            throw new Refusal("--virtual " + virtual + " means nothing with --" + action + ": leave it out");
        }
        if (physical != null && !action.equals("attach")) {
            throw new Refusal("--physical " + physical + " means nothing with --" + action + ": leave it out");
        }
        return switch (action) {
            case "create" -> new Change.CreateInterface(required("create", given.text("create")));
            case "delete" -> new Change.DeleteInterface(required("delete", given.text("delete")));
            case "detach" -> new Change.Detach(required("virtual", virtual));
            case "attach" -> {
                String name = required("physical", physical);
                int colon = name.indexOf(':'); // eth0:1 is an alias of eth0
                String real = colon < 0 ? name : name.substring(0, colon);
                yield new Change.Attach(
                        required("virtual", virtual),
                        name,
                        call.environment().host().mtuOf(real));
            }
            default -> new Change.DetachAll();
        };
    }

    private static String required(String option, @Nullable String name) {
        if (name == null) {
            throw new Refusal("--" + option + " is missing: the " + option + " interface, as "
                    + (option.equals("virtual") ? "ipsec0" : "eth0"));
        }
        return name;
    }
}
