/** An S3 service on loopback: moto (github.com/getmoto/moto), installed by scripts/setup.sh, its objects in memory. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

// As in scripts/setup.sh.
const INSTALLED = 'ascend/moto-5.2.1/bin/moto_server';
const REGION = 'us-east-1';
const PARALLEL_PUTS = 20;

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

export class Moto implements AsyncDisposable {
  readonly endpoint: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, endpoint: string) {
    this.#process = process;
    this.endpoint = endpoint;
  }

  static async start(): Promise<Moto> {
    const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
    const program = path.join(cache, INSTALLED);
    if (!existsSync(program)) throw new Error(`${program} is missing: run scripts/setup.sh`);
    const child = spawn(program, ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
    return new Moto(child, await endpointOf(child));
  }

  /** Makes the bucket and puts the objects, key to content. */
  async fill(bucket: string, objects: Readonly<Record<string, string | Buffer>>): Promise<void> {
    const client = this.#client();
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const waiting = Object.entries(objects);
    const put = async (): Promise<void> => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: next[0], Body: Buffer.from(next[1]) }));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_PUTS }, put));
    client.destroy();
  }

  async put(bucket: string, key: string, body: string | Buffer): Promise<void> {
    const client = this.#client();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    client.destroy();
  }

  /** From now on only signed requests of one user are answered, who may do all. */
  async requireCredentials(): Promise<Credentials> {
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    });
    await this.#iam({ Action: 'CreateUser', UserName: 'agent' });
    await this.#iam({
      Action: 'PutUserPolicy',
      UserName: 'agent',
      PolicyName: 'all',
      PolicyDocument: policy,
    });
    const answer = await this.#iam({ Action: 'CreateAccessKey', UserName: 'agent' });
    const field = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(answer)?.[1] ?? '';
    await fetch(`${this.endpoint}/moto-api/reset-auth`, { method: 'POST', body: '0' });
    return { accessKeyId: field('AccessKeyId'), secretAccessKey: field('SecretAccessKey') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }

  async #iam(parameters: Record<string, string>): Promise<string> {
    const scope = `Credential=any/20270101/${REGION}/iam/aws4_request`;
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
      body: new URLSearchParams({ ...parameters, Version: '2010-05-08' }),
    });
    if (!response.ok) throw new Error(await response.text());
    return response.text();
  }

  #client(): S3Client {
    return new S3Client({
      endpoint: this.endpoint,
      region: REGION,
      forcePathStyle: true,
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
  }
}

/** It says on stderr where it listens, and goes on with a line a request. */
function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`moto has ended: ${said}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      if (said.length < 10_000) said += chunk.toString();
      const endpoint = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (endpoint !== undefined) resolve(endpoint);
    });
  });
}
