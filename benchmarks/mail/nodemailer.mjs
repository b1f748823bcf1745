// Sends mails through one pooled connection of nodemailer, as told on standard input, and says how long it took.
import { readFileSync } from "node:fs";
import nodemailer from "nodemailer";

const order = JSON.parse(readFileSync(0, "utf8"));
const transport = nodemailer.createTransport({
  host: "127.0.0.1",
  port: order.port,
  secure: order.secure,
  ignoreTLS: !order.secure,
  auth: order.secure ? { user: order.user, pass: order.password } : undefined,
  pool: true,
  maxConnections: 1,
  maxMessages: Infinity,
});
const wall = performance.now();
const cpu = process.cpuUsage();
const sent = [];
for (let number = 0; number < order.count; number += 1) {
  sent.push(
    transport.sendMail({
      from: `Pia Cloud <${order.from}>`,
      to: `Cal <${order.to}>`,
      subject: "Your invoice of March",
      text: `Mail number ${number}\n${order.text}`,
    }),
  );
}
await Promise.all(sent);
const used = process.cpuUsage(cpu);
console.log(JSON.stringify({ wall: (performance.now() - wall) / 1000, cpu: (used.user + used.system) / 1e6 }));
transport.close();
