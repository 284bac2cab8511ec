/**
 * Octets and headers: a view per header, its check, its accessors. Knows nothing of SAs.
 */
package org.spigrp.wire;
