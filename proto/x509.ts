/** @peculiar/x509, with what it needs to be imported before it: its dependency tsyringe refuses to load without it. */
import 'reflect-metadata';

export * from '@peculiar/x509';
