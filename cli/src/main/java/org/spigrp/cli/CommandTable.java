package org.spigrp.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All commands, in the order of {@code ipsec --help}. A new one is one line here. */
final class CommandTable {
    private static final Command[] COMMANDS = {
        new SpiCommand(),
        new SpigrpCommand(),
        new ErouteCommand(),
        new TncfgCommand(),
        new KlipsdebugCommand(),
        new LookCommand(),
        new SetupCommand(),
        new RunCommand(),
        new WatchCommand(),
        new PcapCommand(),
        new QuickstartCommand(),
        new RanbitsCommand(),
        new VerifyCommand(),
        new BarfCommand(),
        new VersionCommand(),
        new HelpCommand(),
        new AutoCommand(),
        new ManualCommand(),
    };

    private CommandTable() {}

    static @Nullable Command find(String name) {
        for (Command command : COMMANDS) {
            if (command.name().equals(name)) {
                return command;
            }
        }
        return null;
    }

    static List<Command> all() {
        return List.of(COMMANDS);
    }

    static List<String> names() {
        var names = new ArrayList<String>();
        for (Command command : COMMANDS) {
            names.add(command.name());
        }
        return names;
    }
}
