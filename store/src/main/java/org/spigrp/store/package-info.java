/**
 * The state directory: tables, the journal of numbers that may have been used, and the lock.
 */
package org.spigrp.store;
