/**
 * SAs, groups, eroutes, selectors, windows and lifetimes (RFC 4301). Uses wire, knows nothing of commands.
 */
package org.spigrp.sa;
