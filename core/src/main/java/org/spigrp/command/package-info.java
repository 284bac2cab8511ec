/**
 * Changes as data: what may be asked, what came of it, and the grammar of the classic commands.
 */
package org.spigrp.command;
