package org.spigrp.cli;

import org.jspecify.annotations.Nullable;
import org.spigrp.command.Target;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Direction;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/** From the options of {@code spi} to the SA that they describe; refuses what cannot be one. */
final class SpiMaker {
    private static final int PORT_OF_ESP_IN_UDP = 4500; // RFC 3948
    private static final int MAX_PORT = 65_535;

    private final Given given;
    private final Call call;

    private SpiMaker(Given given, Call call) {
        this.given = given;
        this.call = call;
    }

    static SecurityAssociation make(Given given, String action, Target target, Call call) {
        return switch (target) {
            case Target.ByName(String name) ->
                throw new Refusal(
                        "--said " + Quote.of(name) + " is no SAID: a new SA needs one, as esp0x1f40@192.0.2.7");
            case Target.BySaid(Said said) -> new SpiMaker(given, call).make(action, said);
        };
    }

    private SecurityAssociation make(String action, Said said) {
        if (said.protocol() == SaProtocol.INT) {
            throw new Refusal(said + " is a shunt, not an SA: eroutes name it as it is, and nothing is to be made");
        }
        SaProtocol wanted = protocolOf(action);
        if (said.protocol() != wanted) {
            throw new Refusal(
                    "--" + action + " makes SAs of protocol " + wanted.text() + ", but the SA is named " + said);
        }
        Transform transform = transform(action, said);
        boolean esn = given.has("esn");
        long numbers = esn ? Long.MAX_VALUE : 0xffff_ffffL;
        return new SecurityAssociation(
                said,
                source(said),
                direction(said),
                transform,
                (int) given.number(
                        "replay_window",
                        0,
                        SecurityAssociation.MAX_WINDOW_BITS,
                        wanted == SaProtocol.AH || wanted == SaProtocol.ESP
                                ? SecurityAssociation.DEFAULT_WINDOW_BITS
                                : 0),
                esn,
                LifeText.parse(given.text("life")),
                call.environment().clock().instant().getEpochSecond(),
                call.environment().legacy(),
                (int) given.number("saref", 1, Integer.MAX_VALUE, 0),
                (int) given.number("sarefhim", 0, Integer.MAX_VALUE, 0),
                given.number("seq", 1, numbers, 0));
    }

    private static SaProtocol protocolOf(String action) {
        return switch (action) {
            case "ah" -> SaProtocol.AH;
            case "esp" -> SaProtocol.ESP;
            case "comp" -> SaProtocol.COMP;
            default -> SaProtocol.TUN;
        };
    }

    /** "Any" where none is given: then inbound packets may come from anywhere. A tunnel writes it, so it needs one. */
    private IpAddress source(Said said) {
        String destination = given.text("dst");
        if (destination != null) {
            IpAddress outer = SaArgument.address("--dst", destination, said.family(), call);
            if (!outer.equals(said.destination())) {
                throw new Refusal("--dst " + destination + " is not the destination of " + said
                        + ": the outer destination is always the SAID's, so --dst must be the same or be left out");
            }
        }
        String source = given.text("src");
        if (source != null) {
            IpAddress address = SaArgument.address("--src", source, null, call);
            SaArgument.requireFamily(said.family(), address.family(), "--src " + source);
            if (address.isAny() && said.protocol() == SaProtocol.TUN) {
                throw new Refusal("--src " + source + ": a tunnel writes its source into packets, so it must be one"
                        + " address");
            }
            return address;
        }
        if (said.protocol() == SaProtocol.TUN) {
            throw new Refusal(said + " needs --src ADDRESS: the source of the outer header");
        }
        return IpAddress.any(said.family());
    }

    private Direction direction(Said said) {
        return switch (given.text("direction")) {
            case null -> call.session().isLocal(said.destination()) ? Direction.LOCAL : Direction.AUTO;
            case "in" -> Direction.IN;
            case "out" -> Direction.OUT;
            case String other -> throw new Refusal("--direction " + Quote.of(other) + " must be in or out");
        };
    }

    private Transform transform(String action, Said said) {
        return switch (action) {
            case "ah" -> ah();
            case "esp" -> esp();
            case "comp" -> new Transform.Comp(compression(), threshold());
            default -> new Transform.Tunnel(df(said), ecn());
        };
    }

    private Transform ah() {
        AhSuite suite = algorithm("--ah", AlgorithmNames.ah(value("ah")));
        KeyMaterial key = key("authkey", suite.name(), suite.keyOctets(), suite.saltOctets());
        return new Transform.Ah(suite, key, (int) oneOf("ah-align", 0, 4, 8));
    }

    private Transform esp() {
        EspSuite suite = algorithm("--esp", AlgorithmNames.esp(value("esp")));
        EspCipher cipher = suite.cipher();
        KeyMaterial encryption = key("enckey", suite.name(), suite.keyOctets(), cipher.saltOctets());
        KeyMaterial authentication = key("authkey", suite.name(), suite.authKeyOctets(), 0);
        return new Transform.Esp(suite, encryption, authentication, natTraversal());
    }

    private static <T> T algorithm(String option, Parsed<T> parsed) {
        return switch (parsed) {
            case Parsed.Ok<T>(T value) -> value;
            case Parsed.Bad<T>(String why) -> throw new Refusal(option + ": " + why);
        };
    }

    private KeyMaterial key(String option, String suite, int keyOctets, int saltOctets) {
        String text = given.text(option);
        int wanted = 8 * (keyOctets + saltOctets);
        if (wanted == 0) {
            if (text != null) {
                throw new Refusal("--" + option + " is given, but " + suite + " takes none: leave it out, or name an"
                        + " algorithm that has one");
            }
            return KeyMaterial.NONE;
        }
        String say = wanted + " bits"
                + (saltOctets == 0 ? "" : " (" + 8 * keyOctets + " of key and " + 8 * saltOctets + " of salt)");
        if (text == null) {
            throw new Refusal("--" + option + " is missing: " + suite + " takes a key of " + say + "; 'ipsec ranbits "
                    + wanted + "' makes one");
        }
        KeyMaterial key = KeySource.read(option, text, call);
        call.session().wipeAtEnd(key);
        if (key.bits() != wanted) {
            throw new Refusal("--" + option + " has " + key.bits() + " bits, but " + suite + " takes " + say);
        }
        return key;
    }

    private CompAlgorithm compression() {
        return algorithm("--comp", AlgorithmNames.comp(value("comp")));
    }

    private Transform.CompThreshold threshold() {
        return switch (given.text("comp-threshold")) {
            case null -> Transform.CompThreshold.KLIPS;
            case "klips" -> Transform.CompThreshold.KLIPS;
            case "linux" -> Transform.CompThreshold.LINUX;
            case String other -> throw new Refusal("--comp-threshold " + Quote.of(other) + " must be klips or linux");
        };
    }

    private Transform.DfPolicy df(Said said) {
        String df = given.text("df");
        if (df != null && said.family() == Family.INET6) {
            throw new Refusal("--df " + df + " means nothing for " + said + ": an IPv6 header has no DF bit");
        }
        return switch (df) {
            case null -> Transform.DfPolicy.CLEAR;
            case "copy" -> Transform.DfPolicy.COPY;
            case "set" -> Transform.DfPolicy.SET;
            case "clear" -> Transform.DfPolicy.CLEAR;
            case String other -> throw new Refusal("--df " + Quote.of(other) + " must be copy, set or clear");
        };
    }

    private Transform.EcnPolicy ecn() {
        return switch (given.text("ecn")) {
            case null -> Transform.EcnPolicy.RFC6040;
            case "rfc6040" -> Transform.EcnPolicy.RFC6040;
            case "linux" -> Transform.EcnPolicy.LINUX;
            case "none" -> Transform.EcnPolicy.NONE;
            case String other -> throw new Refusal("--ecn " + Quote.of(other) + " must be rfc6040, linux or none");
        };
    }

    private NatTraversal natTraversal() {
        NatTraversal.Kind kind = nattKind(given.text("natt"));
        if (kind == NatTraversal.Kind.NONE) {
            for (String port : new String[] {"sport", "dport"}) {
                if (given.has(port)) {
                    throw new Refusal("--" + port + " is a port of the UDP that carries ESP: it needs --natt nonesp");
                }
            }
            return NatTraversal.NONE;
        }
        return new NatTraversal(kind, (int) given.number("sport", 1, MAX_PORT, PORT_OF_ESP_IN_UDP), (int)
                given.number("dport", 1, MAX_PORT, PORT_OF_ESP_IN_UDP));
    }

    private static NatTraversal.Kind nattKind(@Nullable String text) {
        if (text == null) {
            return NatTraversal.Kind.NONE;
        }
        return switch (text.toLowerCase(java.util.Locale.ROOT)) {
            case "none", "0" -> NatTraversal.Kind.NONE;
            case "nonike", "1" -> NatTraversal.Kind.NONIKE;
            case "nonesp", "2" -> NatTraversal.Kind.NONESP;
            default -> throw new Refusal("--natt " + Quote.of(text) + " must be none, nonike or nonesp (or 0, 1, 2)");
        };
    }

    private long oneOf(String option, long otherwise, long a, long b) {
        long number = given.number(option, 0, Integer.MAX_VALUE, otherwise);
        if (given.has(option) && number != a && number != b) {
            throw new Refusal("--" + option + " " + number + " must be " + a + " or " + b);
        }
        return number;
    }

    private String value(String option) {
        String value = given.text(option);
        return value == null ? "" : value;
    }
}
