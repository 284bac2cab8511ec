package org.spigrp.command;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.AlgorithmNames;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Direction;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Prefix;

/** Changes of every kind, with every field set to something now and then. They need not make sense to a registry. */
public final class RandomChanges {
    private static final int KINDS = 20;

    private final RandomGenerator random;

    public RandomChanges(RandomGenerator random) {
        this.random = random;
    }

    public Change next() {
        return switch (random.nextInt(KINDS)) {
            case 0 -> new Change.AddSa(sa());
            case 1 -> new Change.DeleteSa(target());
            case 2 -> new Change.ClearSas(half() ? null : of(SaProtocol.values()));
            case 3 -> new Change.MakeGroup(targets(), half() ? null : name());
            case 4 -> new Change.Ungroup(target());
            case 5 -> new Change.AddEroute(selector(), target());
            case 6 -> new Change.ReplaceEroute(selector(), target());
            case 7 -> new Change.DeleteEroute(selector());
            case 8 -> new Change.ClearEroutes();
            case 9 -> new Change.AddInbound(selector(), target());
            case 10 -> new Change.ReplaceInbound(selector(), target());
            case 11 -> new Change.DeleteInbound(selector(), target());
            case 12 -> new Change.CreateInterface(name());
            case 13 -> new Change.DeleteInterface(name());
            case 14 -> new Change.Attach(name(), name(), random.nextInt(Integer.MAX_VALUE));
            case 15 -> new Change.Detach(name());
            case 16 -> new Change.DetachAll();
            case 17 -> new Change.SetDebug(flags());
            case 18 -> new Change.ClearDebug(flags());
            default -> new Change.Expire(said(of(SaProtocol.values())));
        };
    }

    private boolean half() {
        return random.nextBoolean();
    }

    private <T> T of(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private <T> T of(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    /** Any text at all, for what the codec has to carry as it is. */
    private String name() {
        var text = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.appendCodePoint(of(List.of((int) 'a', (int) '"', (int) '\\', (int) '\n', 0, 0x7f, 0xe9, 0x1f600)));
        }
        return text.toString();
    }

    private IpAddress address(Family family) {
        return half()
                ? IpAddress.any(family)
                : family == Family.INET
                        ? IpAddress.v4(random.nextInt())
                        : IpAddress.v6(half() ? 0 : random.nextLong(), half() ? 0xffff_0102_0304L : random.nextLong());
    }

    private Said said(SaProtocol protocol) {
        if (protocol == SaProtocol.INT) {
            return of(Shunt.values()).said(); // others of this protocol have no text that keeps their address
        }
        return new Said(protocol, half() ? random.nextInt() : 256 + random.nextInt(10), address(of(Family.values())));
    }

    private Target target() {
        return half() ? Target.of(said(of(SaProtocol.values()))) : new Target.ByName(name());
    }

    private List<Target> targets() {
        var targets = new ArrayList<Target>();
        for (int i = random.nextInt(18); i > 0; i--) {
            targets.add(target());
        }
        return targets;
    }

    private Set<DebugFlag> flags() {
        var flags = EnumSet.noneOf(DebugFlag.class);
        for (int i = random.nextInt(5); i > 0; i--) {
            flags.add(of(DebugFlag.values()));
        }
        return flags;
    }

    Selector selector() {
        Family family = of(Family.values());
        return new Selector(
                new Prefix(address(family), random.nextInt(family.bits() + 1)),
                new Prefix(address(family), random.nextInt(family.bits() + 1)),
                of(List.of(0, 1, 6, 17, 58, 255)),
                ports(),
                ports());
    }

    private Selector.PortRange ports() {
        int first = random.nextInt(65_536);
        return switch (random.nextInt(3)) {
            case 0 -> Selector.PortRange.ANY;
            case 1 -> Selector.PortRange.of(first);
            default -> new Selector.PortRange(first, first + random.nextInt(65_536 - first));
        };
    }

    SecurityAssociation sa() {
        SaProtocol protocol = of(List.of(SaProtocol.AH, SaProtocol.ESP, SaProtocol.TUN, SaProtocol.COMP));
        Said said = said(protocol);
        return new SecurityAssociation(
                said,
                address(said.family()),
                of(Direction.values()),
                transform(protocol),
                half() ? SecurityAssociation.DEFAULT_WINDOW_BITS : random.nextInt(65_537),
                half(),
                half() ? Lifetimes.NONE : new Lifetimes(limit(), limit(), limit(), limit(), limit()),
                half() ? 0 : random.nextLong(Long.MAX_VALUE),
                half(),
                half() ? 0 : random.nextInt(Integer.MAX_VALUE),
                half() ? 0 : random.nextInt(Integer.MAX_VALUE),
                half() ? 0 : random.nextLong());
    }

    private Lifetimes.Limit limit() {
        return new Lifetimes.Limit(half() ? 0 : random.nextLong(Long.MAX_VALUE), half() ? 0 : Long.MAX_VALUE);
    }

    private Transform transform(SaProtocol protocol) {
        return switch (protocol) {
            case TUN -> new Transform.Tunnel(of(Transform.DfPolicy.values()), of(Transform.EcnPolicy.values()));
            case COMP -> new Transform.Comp(of(CompAlgorithm.values()), of(Transform.CompThreshold.values()));
            case AH -> {
                AhSuite suite = known(AlgorithmNames.ah(of(AlgorithmNames.ahNames())));
                yield new Transform.Ah(suite, key(suite.givenKeyOctets()), of(List.of(0, 4, 8)));
            }
            case ESP -> {
                EspSuite suite = known(AlgorithmNames.esp(of(AlgorithmNames.espNames())));
                yield new Transform.Esp(
                        suite,
                        key(suite.givenKeyOctets()),
                        key(suite.authKeyOctets()),
                        half()
                                ? NatTraversal.NONE
                                : new NatTraversal(
                                        of(NatTraversal.Kind.values()),
                                        random.nextInt(65_536),
                                        random.nextInt(65_536)));
            }
            case INT -> throw new AssertionError("no SA has it");
        };
    }

    private static <T> T known(Parsed<T> parsed) {
        T value = parsed.orNull();
        if (value == null) {
            throw new AssertionError(parsed.toString());
        }
        return value;
    }

    private KeyMaterial key(int octets) {
        byte[] key = new byte[octets];
        random.nextBytes(key);
        return KeyMaterial.copyOf(key);
    }
}
