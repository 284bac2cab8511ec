package org.spigrp.command;

import java.util.List;

/** Where commands meet a data path or a database. All back ends pass one contract test. */
public interface Backend {
    /** All of the changes in order, as one whole, or none of them. */
    Outcome apply(List<Change> changes);

    default Outcome apply(Change change) {
        return apply(List.of(change));
    }

    Snapshot snapshot();
}
