/**
 * The commands a person types, their listings and their manual pages.
 */
package org.spigrp.cli;
