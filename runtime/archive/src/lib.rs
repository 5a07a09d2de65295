//! archive
#![no_std]
