package org.spigrp.command;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.Direction;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.LifetimeKind;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SaidText;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;
import org.spigrp.wire.AddressText;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.NameResolver;

/**
 * An SA with its keys as the members of an object, in the words of the options of {@code ipsec spi}. This way it travels
 * from a command to the daemon, and never back. What has its default is left out.
 */
final class SaJson {
    private static final int LAST_PORT = 65_535;

    private SaJson() {}

    static void write(Json json, SecurityAssociation sa) {
        json.member("said", sa.said().toString());
        if (!sa.source().equals(IpAddress.any(sa.said().family()))) {
            json.member("src", sa.source().toString());
        }
        if (sa.direction() != Direction.AUTO) {
            json.member("direction", word(sa.direction()));
        }
        json.member("transform", sa.transform().protocol().text());
        write(json, sa.transform());
        if (sa.windowBits() != SecurityAssociation.DEFAULT_WINDOW_BITS) {
            json.member("replay_window", sa.windowBits());
        }
        if (sa.esn()) {
            json.member("esn", true);
        }
        if (!sa.lifetimes().equals(Lifetimes.NONE)) {
            write(json.object("life"), sa.lifetimes());
            json.end();
        }
        positive(json, "added", sa.addedAtSeconds());
        if (sa.legacy()) {
            json.member("legacy", true);
        }
        positive(json, "saref", sa.ref());
        positive(json, "sarefhim", sa.refhim());
        if (sa.firstNumber() != 0) {
            json.unsigned("seq", sa.firstNumber());
        }
    }

    private static void positive(Json json, String name, long value) {
        if (value != 0) {
            json.member(name, value);
        }
    }

    private static void write(Json json, Transform transform) {
        switch (transform) {
            case Transform.Tunnel tunnel -> json.member("df", word(tunnel.df())).member("ecn", word(tunnel.ecn()));
            case Transform.Ah ah -> {
                json.member("algorithm", ah.suite().name());
                key(json, "authkey", ah.key());
                positive(json, "ah_align", ah.alignOctets());
            }
            case Transform.Esp esp -> {
                json.member("algorithm", esp.suite().name());
                key(json, "enckey", esp.encryptionKey());
                key(json, "authkey", esp.authenticationKey());
                NatTraversal nat = esp.natTraversal();
                if (!nat.equals(NatTraversal.NONE)) {
                    json.member("natt", nat.kind().text());
                    json.member("sport", nat.sourcePort()).member("dport", nat.destinationPort());
                }
            }
            case Transform.Comp comp ->
                json.member("algorithm", comp.algorithm().text()).member("comp_threshold", word(comp.threshold()));
        }
    }

    private static void key(Json json, String name, KeyMaterial key) {
        if (!key.isEmpty()) {
            json.member(name, HexFormat.of().formatHex(key.octets()));
        }
    }

    private static void write(Json json, Lifetimes lifetimes) {
        for (LifetimeKind kind : LifetimeKind.values()) {
            Lifetimes.Limit limit = limit(lifetimes, kind);
            if (!limit.equals(Lifetimes.Limit.NONE)) {
                json.array(kind.text()).value(limit.soft()).value(limit.hard()).end();
            }
        }
    }

    private static Lifetimes.Limit limit(Lifetimes lifetimes, LifetimeKind kind) {
        return switch (kind) {
            case BYTES -> lifetimes.bytes();
            case ADDTIME -> lifetimes.addtime();
            case USETIME -> lifetimes.usetime();
            case PACKETS -> lifetimes.packets();
            case ALLOCATIONS -> lifetimes.allocations();
        };
    }

    static SecurityAssociation read(JsonFields fields) {
        Said said = said(fields, "said");
        String source = fields.optionalText("src");
        return new SecurityAssociation(
                said,
                source == null ? IpAddress.any(said.family()) : address("src", source),
                fields.oneOf("direction", Direction.values(), SaJson::word, Direction.AUTO),
                transform(fields),
                (int) fields.number(
                        "replay_window", SecurityAssociation.MAX_WINDOW_BITS, SecurityAssociation.DEFAULT_WINDOW_BITS),
                fields.flag("esn"),
                lifetimes(fields.optional("life")),
                fields.number("added", Long.MAX_VALUE, 0),
                fields.flag("legacy"),
                (int) fields.number("saref", Integer.MAX_VALUE, 0),
                (int) fields.number("sarefhim", Integer.MAX_VALUE, 0),
                fields.unsigned("seq"));
    }

    static Said said(JsonFields fields, String name) {
        return JsonFields.good(name, SaidText.parse(fields.text(name), NameResolver.NONE));
    }

    private static IpAddress address(String name, String text) {
        return JsonFields.good(name, AddressText.parse(text, null, NameResolver.NONE));
    }

    private static Transform transform(JsonFields fields) {
        SaProtocol protocol =
                JsonFields.oneOf("transform", fields.text("transform"), List.of(SaProtocol.values()), SaProtocol::text);
        return switch (protocol) {
            case TUN ->
                new Transform.Tunnel(
                        fields.oneOf("df", Transform.DfPolicy.values(), SaJson::word, Transform.DfPolicy.CLEAR),
                        fields.oneOf("ecn", Transform.EcnPolicy.values(), SaJson::word, Transform.EcnPolicy.RFC6040));
            case AH ->
                new Transform.Ah(
                        JsonFields.good("algorithm", AlgorithmNames.ah(fields.text("algorithm"))),
                        fields.key("authkey"),
                        (int) fields.number("ah_align", Byte.MAX_VALUE, 0));
            case ESP ->
                new Transform.Esp(
                        JsonFields.good("algorithm", AlgorithmNames.esp(fields.text("algorithm"))),
                        fields.key("enckey"),
                        fields.key("authkey"),
                        natTraversal(fields));
            case COMP ->
                new Transform.Comp(
                        JsonFields.good("algorithm", AlgorithmNames.comp(fields.text("algorithm"))),
                        fields.oneOf(
                                "comp_threshold",
                                Transform.CompThreshold.values(),
                                SaJson::word,
                                Transform.CompThreshold.KLIPS));
            case INT -> throw new JsonFields.Wrong("'transform': int is for shunts, and no SA is one");
        };
    }

    private static NatTraversal natTraversal(JsonFields fields) {
        return new NatTraversal(
                fields.oneOf("natt", NatTraversal.Kind.values(), NatTraversal.Kind::text, NatTraversal.Kind.NONE),
                (int) fields.number("sport", LAST_PORT, 0),
                (int) fields.number("dport", LAST_PORT, 0));
    }

    private static Lifetimes lifetimes(@Nullable JsonValue life) {
        if (life == null) {
            return Lifetimes.NONE;
        }
        JsonFields fields = JsonFields.of(life, "'life'");
        var lifetimes = new Lifetimes(
                limit(fields, LifetimeKind.ALLOCATIONS),
                limit(fields, LifetimeKind.BYTES),
                limit(fields, LifetimeKind.ADDTIME),
                limit(fields, LifetimeKind.USETIME),
                limit(fields, LifetimeKind.PACKETS));
        fields.end();
        return lifetimes;
    }

    private static Lifetimes.Limit limit(JsonFields fields, LifetimeKind kind) {
        var both = fields.elements(kind.text());
        if (both.isEmpty()) {
            return Lifetimes.Limit.NONE;
        }
        if (both.size() != 2) {
            throw new JsonFields.Wrong("'" + kind.text() + "' must be two numbers: the soft and the hard limit");
        }
        return new Lifetimes.Limit(
                JsonFields.number(kind.text(), both.getFirst(), Long.MAX_VALUE),
                JsonFields.number(kind.text(), both.getLast(), Long.MAX_VALUE));
    }

    /** The words of the options are the names of the constants. */
    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
