package org.spigrp.daemon;

import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.Target;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;

/** Changes in words, for events. No key is among them. */
final class Named {
    private Named() {}

    /** The SA that a change is about, null where it is about none or several. */
    static @Nullable Said said(Change change) {
        return switch (change) {
            case Change.AddSa add -> add.sa().said();
            case Change.DeleteSa delete -> said(delete.target());
            case Change.MakeGroup make -> said(make.innerToOuter().getFirst());
            case Change.Ungroup ungroup -> said(ungroup.member());
            case Change.AddEroute add -> said(add.target());
            case Change.ReplaceEroute replace -> said(replace.target());
            case Change.AddInbound add -> said(add.target());
            case Change.ReplaceInbound replace -> said(replace.target());
            case Change.DeleteInbound delete -> said(delete.target());
            case Change.Expire expire -> expire.said();
            case Change.ClearSas _,
                    Change.DeleteEroute _,
                    Change.ClearEroutes _,
                    Change.CreateInterface _,
                    Change.DeleteInterface _,
                    Change.Attach _,
                    Change.Detach _,
                    Change.DetachAll _,
                    Change.SetDebug _,
                    Change.ClearDebug _ -> null;
        };
    }

    private static @Nullable Said said(Target target) {
        return target instanceof Target.BySaid(Said said) ? said : null;
    }

    static String say(Change change) {
        return switch (change) {
            case Change.AddSa add -> "SA added: " + add.sa().said();
            case Change.DeleteSa delete -> "SA deleted: " + delete.target();
            case Change.ClearSas clear ->
                clear.protocol() == null
                        ? "all SAs deleted"
                        : "all SAs of protocol " + clear.protocol().text() + " deleted";
            case Change.MakeGroup make -> "group made: " + make.innerToOuter();
            case Change.Ungroup ungroup -> "group of " + ungroup.member() + " dissolved";
            case Change.AddEroute add -> "eroute added: " + say(add.selector()) + " => " + add.target();
            case Change.ReplaceEroute replace ->
                "eroute replaced: " + say(replace.selector()) + " => " + replace.target();
            case Change.DeleteEroute delete -> "eroute deleted: " + say(delete.selector());
            case Change.ClearEroutes _ -> "all eroutes deleted";
            case Change.AddInbound add -> "inbound policy of " + add.target() + " takes " + say(add.selector());
            case Change.ReplaceInbound replace ->
                "inbound policy of " + replace.target() + " is now " + say(replace.selector());
            case Change.DeleteInbound delete ->
                "inbound policy of " + delete.target() + " no longer takes " + say(delete.selector());
            case Change.CreateInterface create -> "interface made: " + create.name();
            case Change.DeleteInterface delete -> "interface deleted: " + delete.name();
            case Change.Attach attach -> attach.virtual() + " attached to " + attach.physical();
            case Change.Detach detach -> detach.virtual() + " detached";
            case Change.DetachAll _ -> "all interfaces detached";
            case Change.SetDebug set -> "debugging of " + set.flags() + " switched on";
            case Change.ClearDebug clear -> "debugging of " + clear.flags() + " switched off";
            case Change.Expire expire -> "SA expired: " + expire.said();
        };
    }

    private static String say(Selector selector) {
        return selector.source() + " -> " + selector.destination()
                + (selector.protocol() == Selector.ANY_PROTOCOL ? "" : " protocol " + selector.protocol());
    }
}
