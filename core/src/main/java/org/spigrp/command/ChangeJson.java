package org.spigrp.command;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/**
 * Changes as JSON: how they come to the daemon. {@code {"change":"add-eroute","source":...,"said":...}}; the words are
 * explained in ipsec-control(5).
 */
public final class ChangeJson {
    private static final List<SaProtocol> PROTOCOLS = List.of(SaProtocol.values());
    private static final List<DebugFlag> FLAGS = List.of(DebugFlag.values());

    private ChangeJson() {}

    /** Adds the object to an open array, or as a value of its own. Keys are in it. */
    public static void write(Json json, Change change) {
        json.object().member("change", word(change));
        switch (change) {
            case Change.AddSa add -> SaJson.write(json, add.sa());
            case Change.DeleteSa delete -> target(json, delete.target());
            case Change.ClearSas clear -> {
                if (clear.protocol() != null) {
                    json.member("proto", clear.protocol().text());
                }
            }
            case Change.MakeGroup make -> {
                json.array("members");
                for (Target target : make.innerToOuter()) {
                    target(json.object(), target);
                    json.end();
                }
                json.end();
                if (make.name() != null) {
                    json.member("name", make.name());
                }
            }
            case Change.Ungroup ungroup -> target(json, ungroup.member());
            case Change.AddEroute add -> path(json, add.selector(), add.target());
            case Change.ReplaceEroute replace -> path(json, replace.selector(), replace.target());
            case Change.DeleteEroute delete -> SelectorJson.write(json, delete.selector());
            case Change.ClearEroutes _, Change.DetachAll _ -> {}
            case Change.AddInbound add -> path(json, add.selector(), add.target());
            case Change.ReplaceInbound replace -> path(json, replace.selector(), replace.target());
            case Change.DeleteInbound delete -> path(json, delete.selector(), delete.target());
            case Change.CreateInterface create -> json.member("virtual", create.name());
            case Change.DeleteInterface delete -> json.member("virtual", delete.name());
            case Change.Attach attach -> {
                json.member("virtual", attach.virtual()).member("physical", attach.physical());
                json.member("physical_mtu", attach.physicalMtu());
            }
            case Change.Detach detach -> json.member("virtual", detach.virtual());
            case Change.SetDebug set -> flags(json, set.flags());
            case Change.ClearDebug clear -> flags(json, clear.flags());
            case Change.Expire expire -> json.member("said", expire.said().toString());
        }
        json.end();
    }

    private static String word(Change change) {
        return switch (change) {
            case Change.AddSa _ -> "add-sa";
            case Change.DeleteSa _ -> "delete-sa";
            case Change.ClearSas _ -> "clear-sas";
            case Change.MakeGroup _ -> "make-group";
            case Change.Ungroup _ -> "ungroup";
            case Change.AddEroute _ -> "add-eroute";
            case Change.ReplaceEroute _ -> "replace-eroute";
            case Change.DeleteEroute _ -> "delete-eroute";
            case Change.ClearEroutes _ -> "clear-eroutes";
            case Change.AddInbound _ -> "add-inbound";
            case Change.ReplaceInbound _ -> "replace-inbound";
            case Change.DeleteInbound _ -> "delete-inbound";
            case Change.CreateInterface _ -> "create-interface";
            case Change.DeleteInterface _ -> "delete-interface";
            case Change.Attach _ -> "attach";
            case Change.Detach _ -> "detach";
            case Change.DetachAll _ -> "detach-all";
            case Change.SetDebug _ -> "set-debug";
            case Change.ClearDebug _ -> "clear-debug";
            case Change.Expire _ -> "expire";
        };
    }

    private static void target(Json json, Target target) {
        switch (target) {
            case Target.BySaid(var said) -> json.member("said", said.toString());
            case Target.ByName(String name) -> json.member("group", name);
        }
    }

    private static void path(Json json, Selector selector, Target target) {
        SelectorJson.write(json, selector);
        target(json, target);
    }

    private static void flags(Json json, Set<DebugFlag> flags) {
        json.array("flags");
        for (DebugFlag flag : FLAGS) {
            if (flags.contains(flag)) {
                json.value(flag.text());
            }
        }
        json.end();
    }

    /** Whether it can be done is the registry's affair: here it is only understood, or not. */
    public static Parsed<Change> read(JsonValue value) {
        return JsonFields.parsed(() -> readChange(value));
    }

    static Change readChange(JsonValue value) {
        JsonFields fields = JsonFields.of(value, "a change");
        Change change = readChange(fields);
        fields.end();
        return change;
    }

    private static Change readChange(JsonFields fields) {
        String word = fields.text("change");
        return switch (word) {
            case "add-sa" -> new Change.AddSa(SaJson.read(fields));
            case "delete-sa" -> new Change.DeleteSa(target(fields));
            case "clear-sas" -> clearSas(fields);
            case "make-group" -> new Change.MakeGroup(members(fields), fields.optionalText("name"));
            case "ungroup" -> new Change.Ungroup(target(fields));
            case "add-eroute" -> new Change.AddEroute(SelectorJson.read(fields), target(fields));
            case "replace-eroute" -> new Change.ReplaceEroute(SelectorJson.read(fields), target(fields));
            case "delete-eroute" -> new Change.DeleteEroute(SelectorJson.read(fields));
            case "clear-eroutes" -> new Change.ClearEroutes();
            case "add-inbound" -> new Change.AddInbound(SelectorJson.read(fields), target(fields));
            case "replace-inbound" -> new Change.ReplaceInbound(SelectorJson.read(fields), target(fields));
            case "delete-inbound" -> new Change.DeleteInbound(SelectorJson.read(fields), target(fields));
            case "create-interface" -> new Change.CreateInterface(fields.text("virtual"));
            case "delete-interface" -> new Change.DeleteInterface(fields.text("virtual"));
            case "attach" ->
                new Change.Attach(fields.text("virtual"), fields.text("physical"), (int)
                        fields.number("physical_mtu", Integer.MAX_VALUE, 0));
            case "detach" -> new Change.Detach(fields.text("virtual"));
            case "detach-all" -> new Change.DetachAll();
            case "set-debug" -> new Change.SetDebug(flags(fields));
            case "clear-debug" -> new Change.ClearDebug(flags(fields));
            case "expire" -> new Change.Expire(SaJson.said(fields, "said"));
            default -> throw new JsonFields.Wrong("there is no change " + Quote.of(word) + " (ipsec-control(5))");
        };
    }

    private static Change clearSas(JsonFields fields) {
        String protocol = fields.optionalText("proto");
        return new Change.ClearSas(
                protocol == null ? null : JsonFields.oneOf("proto", protocol, PROTOCOLS, SaProtocol::text));
    }

    private static Target target(JsonFields fields) {
        String group = fields.optionalText("group");
        if (group == null) {
            return Target.of(SaJson.said(fields, "said"));
        }
        if (fields.optional("said") != null) {
            throw new JsonFields.Wrong("'said' and 'group' exclude each other");
        }
        return new Target.ByName(group);
    }

    private static List<Target> members(JsonFields fields) {
        List<Target> targets = new ArrayList<>();
        for (JsonValue element : fields.elements("members")) {
            JsonFields member = JsonFields.of(element, "a member of a group");
            targets.add(target(member));
            member.end();
        }
        return targets;
    }

    private static Set<DebugFlag> flags(JsonFields fields) {
        Set<DebugFlag> flags = EnumSet.noneOf(DebugFlag.class);
        for (String text : fields.texts("flags")) {
            flags.add(JsonFields.oneOf("flags", text, FLAGS, DebugFlag::text));
        }
        return flags;
    }
}
